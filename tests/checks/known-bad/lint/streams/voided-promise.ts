async function write(): Promise<void> {
  await Promise.resolve();
}

export function stop(): void {
  void write();
}
