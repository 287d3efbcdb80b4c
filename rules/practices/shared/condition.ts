export { canRunOn, ignoresNeeds } from '../../checks/shared/trigger-condition';
