import { expect, it } from 'vitest';

import { checkTools } from './tools.ts';

it('names every missing tool at once, and says what to install', async () => {
  const checked = checkTools({ java: '/nowhere/java', javac: '/nowhere/javac', maven: false, pip: false });
  await expect(checked).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await expect(checked).rejects.toThrow('/nowhere/java could not be started: it is not installed');
  await expect(checked).rejects.toThrow('/nowhere/javac could not be started: it is not installed');
  await expect(checked).rejects.toThrow('apt install openjdk-17-jdk-headless maven python3-pip');
});

it('refuses what is no JDK of the right version', async () => {
  const checked = checkTools({ java: process.execPath, maven: false, pip: false });
  await expect(checked).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});
