import { expect, it } from 'vitest';

import { readPins } from './pins.ts';

it('pins a checksum for every file of every engine, in the version that it names', async () => {
  for (const [name, pin] of Object.entries(await readPins())) {
    const files = Object.keys(pin.files);
    expect(files.length, name).toBeGreaterThan(0);
    if (pin.source === 'wheel') {
      for (const file of files) expect(file).toContain(`-${pin.version}-`);
    } else {
      for (const artifact of pin.artifacts) {
        const [, id, version] = artifact.split(':');
        expect(files).toContain(`${id}-${version}.jar`);
      }
      expect(pin.artifacts[0]).toMatch(new RegExp(`:${pin.version}$`));
    }
  }
});
