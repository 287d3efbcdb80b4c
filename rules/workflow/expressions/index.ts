export * from './ast';
export * from './find';
export * from './parser';
export * from './paths';
export * from './print';
export * from './sites';
