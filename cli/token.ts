import { Command, Option } from 'commander';

import { roles, type Role, tenantIdSchema } from '../contracts/tenant.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { mintToken } from '../services/mint-token.ts';
import { dataDirOption, jsonOption, parseDuration } from './options.ts';
import { note, printResult } from './output.ts';

interface TokenOptions {
  readonly tenant: string;
  readonly role: Role;
  readonly device?: string;
  readonly expires?: number;
  readonly dataDir: string;
  readonly json?: boolean;
}

export function tokenCommand(): Command {
  return new Command('token')
    .description('make a bearer token for a tenant; creates the tenant where it is missing')
    .requiredOption('--tenant <tenant>', 'whose data the token opens')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--device <id>', 'for an agent: it may speak for this device alone')
    .option('--expires <duration>', 'when it ends, from now; without it, never', parseDuration)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: TokenOptions) => {
      const tenant = tenantIdSchema.safeParse(options.tenant);
      if (!tenant.success) {
        throw new OpenFrameError(
          'ARGUMENT_INVALID',
          `--tenant '${options.tenant}' ${tenant.error.issues[0]?.message}.`,
        );
      }
      const { token } = await mintToken(options.dataDir, {
        tenantId: tenant.data,
        role: options.role,
        ...(options.device === undefined ? {} : { deviceId: options.device }),
        ...(options.expires === undefined ? {} : { ttlMs: options.expires }),
      });
      if (options.json !== true) note('Shown once; only its hash is kept:');
      printResult({ token, tenantId: tenant.data, role: options.role }, options, () => token);
    });
}
