export function show(element: HTMLElement, text: string): void {
  element.innerHTML = text;
}
