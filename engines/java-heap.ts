/**
 * Arguments of a JVM for its heap, in MiB. A server that ran out of it ends: what goes on with threads that died answers
 * nobody, and looks alive.
 */
export function javaHeap(initial: number, most: number): readonly string[] {
  return [`-Xms${initial}m`, `-Xmx${most}m`, '-XX:+ExitOnOutOfMemoryError'];
}
