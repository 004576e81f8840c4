export default function decode(): void {}
