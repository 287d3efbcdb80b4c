import { coverageGate } from '../shared/coverage-gate';

export default coverageGate(90, 5);
