/** A seeded source of randomness: equal seeds give equal sequences, so any run can be repeated. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, bound). */
  below(bound: number): number;
  /** Uniform unsigned 32-bit number. */
  uint32(): number;
}

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, passes BigCrush, fast in int32 arithmetic. */
export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const uint32 = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  return {
    uint32,
    next: () => uint32() / 4294967296,
    below: (bound) => Math.floor((uint32() / 4294967296) * bound),
  };
}
