import { coverageGate } from '../shared/coverage-gate';

export default coverageGate(70, 3);
