export { invalidSuppression as default } from '../../engine/meta';
