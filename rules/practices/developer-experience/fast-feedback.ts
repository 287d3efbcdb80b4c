import { definePractice } from '../practice';
import { feedbackScaffold, feedbackVerdict, wantsFeedback } from '../shared/feedback';

const MINUTES = 10;

export default definePractice({
  id: 'fast-feedback',
  title: 'Feedback within 10 minutes',
  category: 'Developer Experience',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Half of the runs on pull requests end within 10 minutes: independent checks run side by side.',
    why: 'Who waits longer starts something else, and comes back an hour later.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations',
      'https://dora.dev/capabilities/continuous-integration/',
    ],
  },
  applies: wantsFeedback,
  evidence: repo => feedbackVerdict(repo, MINUTES),
  scaffold: feedbackScaffold(MINUTES),
});
