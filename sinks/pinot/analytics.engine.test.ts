import { describeAnalytics } from '../../conformance/analytics.ts';
import { createAnalyticsSubject } from './pinot.fixture.ts';

describeAnalytics('Pinot', {
  create: createAnalyticsSubject,
  deviations: {
    'refuses an event with something behind it': "Pinot's JSON reader stops at the end of the first value",
    'stores an event whose data is nested 2,000 deep':
      "Pinot's JSON reader takes 1,000 levels, and the door lets in 32",
    'says when a row was written, to its tenant alone': 'Pinot stamps the row by its own clock',
    'deletes what is older than a moment, and only that': 'Pinot drops whole segments, by its retention',
    'deletes what is older and not of the types that are kept longer':
      'Pinot drops whole segments, by the longest retention',
    'writes nothing once it was told to stop': 'Pinot reads the topic, whoever is told to stop',
  },
});
