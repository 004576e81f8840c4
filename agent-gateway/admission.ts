import { OpenFrameError } from '../contracts/errors.ts';

export interface AdmissionLimits {
  /** Bodies in process at the same time: being read, checked or made durable. */
  readonly bodies: number;
  /** Bytes of those bodies, inflated. */
  readonly bytes: number;
  /** How much of both one tenant may hold, 0 to 1: the rest stays free for the others. */
  readonly tenantShare: number;
}

/** A body's place in the process; disposing gives it back. */
export interface Admitted extends Disposable {
  /** Counts further bytes. Throws like `admit` where they do not fit. */
  grow(bytes: number): void;
}

/** Bounds what bodies may take of this process, so that a flood is refused instead of slowing everyone. */
export interface Admission {
  /**
   * Throws `QUOTA_EXCEEDED` where the tenant has its share already and a retryable `NOT_DURABLE_NOW` where the
   * process is full; both with `details.retryAfterMs`.
   */
  admit(tenantId: string): Admitted;
}

interface Usage {
  bodies: number;
  bytes: number;
}

const retryAfterMs = 1_000;

export function createAdmission(limits: AdmissionLimits): Admission {
  const total: Usage = { bodies: 0, bytes: 0 };
  const tenants = new Map<string, Usage>();
  const check = (usage: Usage): void => {
    if (total.bodies > limits.bodies || total.bytes > limits.bytes) throw full();
    const { tenantShare } = limits;
    if (usage.bodies > limits.bodies * tenantShare || usage.bytes > limits.bytes * tenantShare)
      throw overShare();
  };
  return {
    admit(tenantId) {
      const usage = tenants.get(tenantId) ?? { bodies: 0, bytes: 0 };
      tenants.set(tenantId, usage);
      let heldBytes = 0;
      let held = true;
      const change = (bodies: number, bytes: number): void => {
        heldBytes += bytes;
        total.bodies += bodies;
        total.bytes += bytes;
        usage.bodies += bodies;
        usage.bytes += bytes;
      };
      const release = (): void => {
        if (!held) return;
        held = false;
        change(-1, -heldBytes);
        if (usage.bodies === 0) tenants.delete(tenantId);
      };
      const checkOrRelease = (): void => {
        try {
          check(usage);
        } catch (error) {
          release();
          throw error;
        }
      };
      change(1, 0);
      checkOrRelease();
      return {
        grow(bytes) {
          if (!held) return;
          change(0, bytes);
          checkOrRelease();
        },
        [Symbol.dispose]: release,
      };
    },
  };
}

function full(): OpenFrameError {
  return new OpenFrameError(
    'NOT_DURABLE_NOW',
    'The gateway has as many bodies in process as it can hold: send this one again a little later.',
    { retryable: true, details: { retryAfterMs } },
  );
}

function overShare(): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    'This tenant has as many bodies in process as one tenant may: wait for answers before sending more.',
    { retryable: true, details: { retryAfterMs } },
  );
}
