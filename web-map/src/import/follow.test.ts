import { expect, it } from 'vitest';
import type { Job } from '../api/schema';
import { follow } from './follow';
import { sampleJob } from './sample';

const running = sampleJob({ state: 'running' });
const refusal = new Error('no such job');

/** A stream, a clock and a server that the test moves by hand. */
function scene(answers: (Job | Error)[] = []) {
  const heard: string[] = [];
  let timer: { run: () => void; at: number } | null = null;
  let closed = false;
  let data: (it: unknown) => void = () => {};
  let fail = () => {};
  let asked = 0;
  const stop = follow(
    {
      listen: (onData, onError) => {
        data = onData;
        fail = onError;
        return () => void (closed = true);
      },
      get: () => {
        asked += 1;
        const next = answers.shift() ?? running;
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      later: (run, at) => {
        const own = { run, at };
        timer = own;
        return () => {
          if (timer === own) timer = null;
        };
      },
    },
    {
      job: (it) => heard.push(`${it.state} ${it.progress.rows}`),
      trouble: (it) => {
        if (it !== null) heard.push('trouble');
      },
    },
    (error) => error === refusal,
  );
  return {
    heard,
    stop,
    send: (it: unknown) => data(it),
    fail: () => fail(),
    /** Lets the timer run out; returns how long it was set to. */
    async wait(): Promise<number | null> {
      const due = timer as { run: () => void; at: number } | null;
      timer = null;
      due?.run();
      await new Promise((done) => setTimeout(done, 0));
      return due?.at ?? null;
    },
    waits: () => timer !== null,
    closed: () => closed,
    asked: () => asked,
  };
}

it('hears the stream to the end of the job, and asks for nothing', () => {
  const { heard, send, asked, closed, waits } = scene();
  send(running);
  send({ nonsense: true });
  send(sampleJob());
  send(running);
  expect(heard).toEqual(['running 10', 'done 10']);
  expect([asked(), closed(), waits()]).toEqual([0, true, false]);
});

it('asks again and again where no stream comes through', async () => {
  const one = scene([running, sampleJob()]);
  one.fail();
  expect(await one.wait()).toBe(0);
  expect(await one.wait()).toBe(2000);
  expect(one.heard).toEqual(['running 10', 'done 10']);
  expect(one.waits()).toBe(false);
});

it('asks when a stream is silent: a proxy may hold it back', async () => {
  const one = scene([running]);
  expect(await one.wait()).toBe(8000);
  expect(one.heard).toEqual(['running 10']);
  one.send(sampleJob());
  expect(one.heard).toEqual(['running 10', 'done 10']);
});

it('waits longer and longer for a server that is away, and says so', async () => {
  const one = scene([new Error('away'), new Error('away'), running]);
  one.fail();
  await one.wait();
  expect(await one.wait()).toBe(4000);
  expect(await one.wait()).toBe(8000);
  expect(one.heard).toEqual(['trouble', 'trouble', 'running 10']);
  expect(await one.wait()).toBe(2000);
});

it('ends at a refusal: the job is lost, or nobody is signed in', async () => {
  const one = scene([refusal]);
  one.fail();
  await one.wait();
  expect(one.heard).toEqual(['trouble']);
  expect([one.waits(), one.closed()]).toEqual([false, true]);
});

it('is silent once it is stopped', async () => {
  const one = scene();
  one.stop();
  one.send(running);
  one.fail();
  await one.wait();
  expect([one.heard, one.asked(), one.closed()]).toEqual([[], 0, true]);
});
