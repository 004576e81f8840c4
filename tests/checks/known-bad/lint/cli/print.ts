export function print(line: string): void {
  console.log(line, Date.now());
}
