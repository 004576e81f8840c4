import { describe, expect, it } from 'vitest';

import { unifiedTypes } from '../enrichers/taxonomy.ts';
import { coverTaxonomy } from './taxonomy-coverage.ts';
import { readToolFixtures, runToolFixture } from './tool-fixtures.ts';

describe.each([...(await readToolFixtures())])('%s', (_, fixtures) => {
  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', async (_name, fixture) => {
    const { stored, deadLetters, nothing } = fixture;
    expect(await runToolFixture(fixture)).toEqual({ stored, deadLetters, nothing });
  });
});

describe('the taxonomy', () => {
  it('has 110 types, and a fixture that reaches each; every word of a mapping has one too', async () => {
    const { types, unreached, withoutFixture, unmapped } = await coverTaxonomy();
    expect([types.length, unreached, withoutFixture]).toEqual([110, [], []]);
    expect(unmapped).toEqual([
      'FLEET_MDM summoned_unicorn',
      'FLEET_MDM ',
      'MESHCENTRAL node.makecoffee',
      'WINDOWS disk.7',
      'WINDOWS Microsoft-Windows-Time-Service.36',
      'CLOUDEVENTS com.example.thing',
    ]);
  });

  /** By hand, so that recording the fixtures anew cannot move a severity unnoticed. */
  it.each([
    ['systems.json', 'script_run.finished', 'SCRIPT_EXECUTED', 'INFO'],
    ['systems.json', 'script_run.finished: exit code 1', 'SCRIPT_FAILED', 'ERROR'],
    ['systems.json', 'cmd_run.finished: exit code 1', 'COMMAND_RUN_FINISHED', 'ERROR'],
    ['systems.json', 'cmd_run.finished: timed out', 'COMMAND_RUN_FINISHED', 'ERROR'],
    ['fleet-activities.json', 'deleted_policy', 'CONFIGURATION_DELETED', 'INFO'],
    ['fleet-activities.json', 'canceled_run_script', 'BATCH_OPERATION_CANCELED', 'INFO'],
    ['fleet-activities.json', 'wiped_host', 'HOST_WIPED', 'CRITICAL'],
    ['fleet-activities.json', 'user_failed_login', 'LOGIN_FAILED', 'WARNING'],
    ['fleet-envelopes.json', 'an activity that nobody knows', 'summoned_unicorn', 'INFO'],
    ['fleet-rows.json', 'query_results: failed', 'QUERY_EXECUTED', 'ERROR'],
    ['fleet-rows.json', 'policy_membership: fails', 'POLICY_VIOLATION', 'WARNING'],
    ['fleet-rows.json', 'policy_membership: no answer', 'COMPLIANCE_CHECK', 'INFO'],
    ['tactical.json', 'alerttemplate.add', 'CONFIGURATION_CREATED', 'INFO'],
    ['tactical.json', 'task_result: failing', 'TASK_FAILED', 'ERROR'],
    ['meshcentral.json', 'authfail', 'LOGIN_FAILED', 'WARNING'],
  ])('%s: %s is %s, %s', async (file, name, eventType, severity) => {
    const fixture = (await readToolFixtures()).get(file)?.find((one) => one.name === name);
    expect(fixture?.stored).toEqual([expect.objectContaining({ eventType, severity })]);
  });

  it('gives a failure no less a severity than a success, but for a host that was not wiped', () => {
    const order = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
    const milder = [...unifiedTypes.values()].filter(
      (t) => order.indexOf(t.failed) < order.indexOf(t.severity),
    );
    expect(milder.map(({ name }) => name)).toEqual(['HOST_WIPED']);
  });
});
