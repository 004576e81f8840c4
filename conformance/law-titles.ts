/** The test that every suite of laws begins with: by it a report knows such a suite. */
export const deviationsCheck = 'deviates from known laws only';

/** What stands between a law's title and the reason why an engine does not hold it. */
export const notHere = ' (not here: ';
