export function Message({ text }: { readonly text: string }) {
  return <p dangerouslySetInnerHTML={{ __html: text }} />;
}
