import type { Notification } from '../../contracts/notification.ts';
import type { TenantScope } from '../../contracts/tenant.ts';

const mostTitleCharacters = 150;

/** A mail about an incident: the same text each time that it is made of the same notification. */
export interface IncidentMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * What a person reads of an incident. Titles hold text from devices, which is kept inert: no line breaks or other
 * control characters, nothing that turns the direction of text, no markup, and nothing that a mail program makes a
 * link of. `publicUrl`: where people open the dashboard; without it there is no link.
 */
export function incidentMail(
  { tenantId }: TenantScope,
  { title, severity, score, incidentId, alertId, createdMs }: Notification,
  publicUrl: string | undefined,
): IncidentMail {
  const heading = inert(title);
  const rows: readonly (readonly [string, string])[] = [
    ['Severity', severity],
    ['Score', score.toFixed(0)],
    ['Customer', inert(tenantId)],
    ['Since', new Date(createdMs).toISOString()],
    ['Incident', inert(incidentId)],
    ['Alert', inert(alertId)],
  ];
  const link =
    publicUrl === undefined
      ? null
      : `${publicUrl.replace(/\/+$/, '')}/incidents/${encodeURIComponent(incidentId)}`;
  const lines = rows.map(([name, value]) => `${name}: ${value}`);
  return {
    subject: `[${severity} ${score.toFixed(0)}] ${heading}`,
    text: [heading, '', ...lines, ...(link === null ? [] : ['', link]), ''].join('\n'),
    html: htmlOf(heading, rows, link),
  };
}

function htmlOf(heading: string, rows: readonly (readonly [string, string])[], link: string | null): string {
  const cells = rows.map(
    ([name, value]) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const anchor = link === null ? '' : `<p><a href="${escaped(link)}">Open the incident</a></p>`;
  return [
    '<!doctype html><html><head><meta charset="utf-8"></head><body>',
    `<h1 style="font-size:1.2em">${escaped(heading)}</h1>`,
    `<table cellpadding="4">${cells.join('')}</table>${anchor}`,
    '</body></html>',
  ].join('\n');
}

/** One line of plain text. `Cf` holds what turns text around or is not seen, `Cs` lone surrogates. */
function inert(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, 'www[.]')
    .trim();
  const characters = [...line];
  return characters.length <= mostTitleCharacters
    ? line
    : `${characters.slice(0, mostTitleCharacters).join('')}…`;
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
