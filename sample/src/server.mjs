import { createServer } from 'node:http';
import { total } from './basket.mjs';

createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ path: request.url, total: total([{ price: 5, count: 2 }]) }));
}).listen(process.env.PORT ?? 3000);
