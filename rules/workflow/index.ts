export * from './nodes';
export * from './document';
export * from './model';
export * from './parse';
export * from './effective';
