export { expiredSuppression as default } from '../../engine/meta';
