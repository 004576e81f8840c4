import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Where Chromium or Chrome is on this machine, or undefined. */
export const chromiumPath = places.find((place) => existsSync(place));

/** Starts the browser that is on this machine, without anything that calls out. */
export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`No Chromium in ${places.join(', ')}; install one.`);
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
