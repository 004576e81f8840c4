const escaped = '%[0-9A-Fa-f]{2}';
const unreserved = "A-Za-z0-9\\-._~!$&'()*+,;=@";
const segment = `(?:[${unreserved}:]|${escaped})*`;
const segmentNotEmpty = `(?:[${unreserved}:]|${escaped})+`;
const segmentWithoutColon = `(?:[${unreserved}]|${escaped})+`;
const authority = `(?:[${unreserved}:[\\]]|${escaped})*`;
const afterAuthority = `//${authority}(?:/${segment})*`;
const absolutePath = `/(?:${segmentNotEmpty}(?:/${segment})*)?`;
const rootlessPath = `${segmentNotEmpty}(?:/${segment})*`;
const tail = `(?:[${unreserved}:/?]|${escaped})*`;

const pattern = new RegExp(
  `^(?:[A-Za-z][A-Za-z0-9+.\\-]*:(?:${afterAuthority}|${absolutePath}|${rootlessPath})?` +
    `|${afterAuthority}|${absolutePath}|${segmentWithoutColon}(?:/${segment})*)?` +
    `(?:\\?${tail})?(?:#${tail})?$`,
);

/** Whether the text is a URI-reference by RFC 3986 section 4.1; an authority's inner form is not checked. */
export function isUriReference(text: string): boolean {
  return pattern.test(text);
}
