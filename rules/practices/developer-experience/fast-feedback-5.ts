import { definePractice } from '../practice';
import { feedbackScaffold, feedbackVerdict, wantsFeedback } from '../shared/feedback';

const MINUTES = 5;

export default definePractice({
  id: 'fast-feedback-5',
  title: 'Feedback within 5 minutes',
  category: 'Developer Experience',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Half of the runs on pull requests end within 5 minutes: independent checks run side by side.',
    why: 'Within five minutes nobody has started anything else: the answer comes while the change is still in mind.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations',
      'https://dora.dev/capabilities/continuous-integration/',
    ],
  },
  applies: wantsFeedback,
  evidence: repo => feedbackVerdict(repo, MINUTES),
  scaffold: feedbackScaffold(MINUTES),
});
