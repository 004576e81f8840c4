import type { KeptTarget, Notification, NotificationTarget } from '../../contracts/notification.ts';
import type { Principal, TenantScope } from '../../contracts/tenant.ts';

/** A target as people see it: what it is signed with is shown once, by whoever sets it. */
export type TargetView = Omit<KeptTarget, 'sealed'>;

/** Where the incidents of a tenant are told of, and what was told. */
export interface NotificationDesk {
  /** By their ids. */
  targets(scope: TenantScope): Promise<readonly TargetView[]>;
  /** In the place of the one with its id. A webhook gets a new secret, which is answered this once; a mailbox has none. */
  set(
    principal: Principal,
    target: NotificationTarget,
  ): Promise<TargetView & { readonly secret: string | null }>;
  /** What was not told yet is told no more. Throws `NOT_FOUND`. */
  remove(principal: Principal, targetId: string): Promise<void>;
  /** Tells the target that this is a test, as it would be told of an incident. Throws `NOT_FOUND`. */
  test(scope: TenantScope, targetId: string): Promise<Notification>;
  /** The newest 200, each with its tries. */
  list(scope: TenantScope): Promise<readonly Notification[]>;
}
