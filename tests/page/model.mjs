// A server of language models that writes what a test has it write.

import { createServer } from 'node:http';

/** Starts it; `say` sets what it writes next, piece by piece, and `pause` how long it waits between two pieces. */
export async function startModel() {
  const model = { pieces: ['Nothing.'], pause: 5, status: 200, asked: 0 };
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') return json(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] });
    model.asked++;
    if (model.status !== 200) return json(response, model.status, { error: { message: 'the model has gone' } });
    return write(model, response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  model.url = `http://127.0.0.1:${server.address().port}`;
  model.say = (text, pause = 5) => Object.assign(model, { pieces: text.match(/\S+\s*/g), pause, status: 200 });
  model.stop = () => server.closeAllConnections() ?? server.close();
  return model;
}

function json(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function write({ pieces, pause }, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const chunk = (delta, reason) => response.write(`data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', model: 'scripted', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`);
  for (const content of pieces) {
    if (response.destroyed) return;
    chunk({ content }, null);
    await new Promise((next) => setTimeout(next, pause));
  }
  chunk({}, 'stop');
  response.end('data: [DONE]\n\n');
}
