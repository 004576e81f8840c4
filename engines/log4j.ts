/** Logging of the JVM servers to standard output, which is their log file. */
export function log4jFile(quiet: readonly string[] = []): string {
  const loggers = quiet.map((name) => `    <Logger name="${name}" level="WARN"/>\n`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="out" target="SYSTEM_OUT"><PatternLayout pattern="%d{ISO8601} %p [%t] %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers>
${loggers}    <Root level="INFO"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
`;
}
