import type { Command } from 'commander';

import { defaultTenantId, type TenantScope } from '../contracts/tenant.ts';
import { dataDirOption, jsonOption, tenant } from './options.ts';

/** Options of a command that lists or changes what one tenant keeps. */
export interface OfTenantOptions {
  readonly tenant: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Adds these options; `whose` says whose what it is. */
export function ofTenant(command: Command, whose: string): Command {
  return command
    .option('--tenant <tenant>', whose, tenant, defaultTenantId)
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

export function scopeOf({ tenant: tenantId }: OfTenantOptions): TenantScope {
  return { tenantId };
}
