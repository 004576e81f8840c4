import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { readPins } from '../../engines/pins.ts';
import { roleNames } from '../../services/role-names.ts';
import { settingsSchema } from '../../services/settings.ts';
import { readYaml } from '../support/read-yaml.ts';

const root = join(import.meta.dirname, '..', '..');
const kubernetes = join(root, 'deploy', 'kubernetes');

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const [document] = readYaml(await readFile(path, 'utf8'));
  return schema.parse(document);
}

const strings = z.array(z.string());
const kustomization = z.object({
  resources: strings,
  nameSuffix: z.string().optional(),
  patches: z.array(z.object({ patch: z.string() })).default([]),
});
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) });
const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
        containers: z
          .array(
            z.object({
              envFrom: z.tuple([
                z.object({ configMapRef: z.object({ name: z.string() }) }),
                z.object({ secretRef: z.object({ name: z.string() }) }),
              ]),
              livenessProbe: probe,
              readinessProbe: probe,
              startupProbe: probe,
              resources: z.object({ limits: z.object({ cpu: z.string(), memory: z.string() }) }),
              securityContext: z.object({
                allowPrivilegeEscalation: z.literal(false),
                readOnlyRootFilesystem: z.literal(true),
              }),
            }),
          )
          .length(1),
      }),
    }),
  }),
});
const scaler = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('HorizontalPodAutoscaler'), spec: z.object({ maxReplicas: z.number() }) }),
  z.object({
    kind: z.literal('ScaledObject'),
    spec: z.object({
      scaleTargetRef: z.object({ name: z.string() }),
      maxReplicaCount: z.number(),
      triggers: z
        .array(z.object({ type: z.string(), metadata: z.looseObject({ lagThreshold: z.string() }) }))
        .min(1),
    }),
  }),
]);

async function settings(): Promise<Record<string, string>> {
  const text = await readFile(join(kubernetes, 'settings.env'), 'utf8');
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}

describe('deploy/kubernetes', () => {
  it('gives every role its name, command, size and scaler', async () => {
    expect((await readdir(join(kubernetes, 'roles'))).toSorted()).toEqual([...roleNames].toSorted());
    for (const role of roleNames) {
      const folder = join(kubernetes, 'roles', role);
      const made = await read(join(folder, 'kustomization.yaml'), kustomization);
      expect(made.nameSuffix).toBe(`-${role}`);
      expect(made.resources).toEqual(['../../role', 'scaler.yaml']);
      expect(made.patches[0]?.patch).toContain(`value: [service, ${role}]`);
      const scaled = await read(join(folder, 'scaler.yaml'), scaler);
      if (scaled.kind === 'ScaledObject') expect(scaled.spec.scaleTargetRef.name).toBe(`openframe-${role}`);
    }
  });

  it('starts no more workers of a topic than it has partitions', async () => {
    const partitions = Number((await settings())['OPENFRAME_PARTITIONS']);
    for (const role of roleNames) {
      const scaled = await read(join(kubernetes, 'roles', role, 'scaler.yaml'), scaler);
      if (scaled.kind === 'ScaledObject') {
        expect(scaled.spec.maxReplicaCount).toBeLessThanOrEqual(partitions);
      }
    }
  });

  it('probes, limits and confines every role, and leaves it the time to drain', async () => {
    const { spec } = (await read(join(kubernetes, 'role', 'deployment.yaml'), deployment)).spec.template;
    const [container] = spec.containers;
    expect(container?.livenessProbe.httpGet.path).toBe('/healthz');
    expect(container?.startupProbe.httpGet.path).toBe('/healthz');
    expect(container?.readinessProbe.httpGet.path).toBe('/readyz');
    const drainSeconds = settingsSchema.parse({}).OPENFRAME_DRAIN_SECONDS;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds);
    const budget = z.object({
      kind: z.literal('PodDisruptionBudget'),
      spec: z.object({ maxUnavailable: z.literal(1) }),
    });
    await read(join(kubernetes, 'role', 'disruption-budget.yaml'), budget);
    const { resources } = await read(join(kubernetes, 'role', 'kustomization.yaml'), kustomization);
    expect(resources).toContain('disruption-budget.yaml');
  });

  it('names only settings that exist, and every file that it names', async () => {
    const given = await settings();
    expect(Object.keys(given).filter((name) => !(name in settingsSchema.shape))).toEqual([]);
    expect(() => settingsSchema.parse(given)).not.toThrow();
    const { resources } = await read(join(kubernetes, 'kustomization.yaml'), kustomization);
    for (const resource of resources) expect(existsSync(join(kubernetes, resource)), resource).toBe(true);
  });

  it('holds no secret', async () => {
    const entries = await readdir(join(root, 'deploy'), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect(text, entry.name).not.toMatch(/^kind: Secret$/m);
      expect(text, entry.name).not.toMatch(/(PASSWORD|TOKEN|AUTHORIZATION)\s*[:=]\s*[^\s$'<]/);
      expect(text, entry.name).not.toMatch(/:\/\/[^\s/@]+:[^\s/@]+@/);
    }
  });
});

describe('compose.yaml', () => {
  const compose = z.object({
    services: z.record(z.string(), z.object({ image: z.string(), ports: strings.default([]) })),
  });

  it('runs the versions that are pinned', async () => {
    const { services } = await read(join(root, 'compose.yaml'), compose);
    const pins = await readPins();
    const versionOf = (service: string): string =>
      /\d+\.\d+\.\d+/.exec(services[service]?.image ?? '')?.[0] ?? '';
    for (const engine of ['nats', 'kafka', 'cassandra'] as const) {
      expect(versionOf(engine), engine).toBe(pins[engine].version);
    }
    for (const role of ['zookeeper', 'controller', 'broker', 'server']) {
      expect(versionOf(`pinot-${role}`), role).toBe(pins.pinot.version);
    }
    // The package counts its own releases behind the server's version.
    expect(pins.redis.version.startsWith(`${versionOf('redis')}.`)).toBe(true);
  });

  it('opens no port beyond this machine', async () => {
    const { services } = await read(join(root, 'compose.yaml'), compose);
    for (const port of Object.values(services).flatMap((service) => service.ports)) {
      expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });
});
