import { coverageGate } from '../shared/coverage-gate';

export default coverageGate(80, 4);
