import { beforeEach, describe, expect, it } from 'vitest';
import { followChanges, type Changed, type Means, type Stream } from './follow';

/** A page whose time passes when it is told to. */
class Page {
  now = 0;
  hidden = false;
  opened = 0;
  polls = 0;
  streams: Stream[] = [];
  timers: { at: number; run: () => void }[] = [];
  listeners: (() => void)[] = [];
  told: (Changed | [string, number][])[] = [];

  means: Means = {
    open: (stream) => {
      this.opened += 1;
      this.streams.push(stream);
      return () => (this.streams = this.streams.filter((it) => it !== stream));
    },
    poll: () => (this.polls += 1),
    later: (run, milliseconds) => {
      const timer = { at: this.now + milliseconds, run };
      this.timers.push(timer);
      return () => (this.timers = this.timers.filter((it) => it !== timer));
    },
    isHidden: () => this.hidden,
    onShown: (listener) => {
      this.listeners.push(listener);
      return () => (this.listeners = this.listeners.filter((it) => it !== listener));
    },
    random: () => 0.5,
  };

  follow() {
    return followChanges(this.means, {
      revisions: (it) => this.told.push([...it]),
      changed: (it) => this.told.push(it),
    });
  }

  pass(milliseconds: number) {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.timers.filter((it) => it.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.now = next.at;
      this.timers = this.timers.filter((it) => it !== next);
      next.run();
    }
    this.now = until;
  }

  show(shown: boolean) {
    this.hidden = !shown;
    this.listeners.forEach((it) => it());
  }

  get stream(): Stream {
    const [only, ...others] = this.streams;
    if (!only || others.length > 0) throw new Error(`${this.streams.length} streams`);
    return only;
  }
}

let page: Page;
beforeEach(() => (page = new Page()));

describe('following changes', () => {
  it('passes on what it hears, and polls nothing meanwhile', () => {
    page.follow();
    page.stream.revisions(new Map([['a', 3]]));
    page.stream.changed({ layer: 'a', revision: 4, bbox: [1, 2, 3, 4] });
    page.pass(600_000);
    expect(page.told).toEqual([[['a', 3]], { layer: 'a', revision: 4, bbox: [1, 2, 3, 4] }]);
    expect([page.opened, page.polls]).toEqual([1, 0]);
  });

  it('comes again more and more slowly, and polls until it is heard again', () => {
    page.follow();
    const opened: number[] = [];
    for (let failures = 0; failures < 9; failures += 1) {
      page.stream.failed();
      expect(page.streams).toEqual([]);
      const before = page.now;
      while (page.streams.length === 0) page.pass(250);
      opened.push(page.now - before);
    }
    expect(opened).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
    expect(page.polls).toBe(Math.floor(page.now / 30_000));
    page.stream.revisions(new Map());
    const { polls } = page;
    page.pass(300_000);
    expect(page.polls).toBe(polls);
    page.stream.failed();
    page.pass(1000);
    expect(page.streams.length).toBe(1);
  });

  it('takes a stream that says nothing for one that fails', () => {
    page.follow();
    page.pass(8_000);
    expect(page.streams).toEqual([]);
    page.pass(1_000);
    expect(page.opened).toBe(2);
    page.pass(30_000);
    expect(page.polls).toBe(1);
  });

  it('does nothing while nobody looks, and asks where everything stands when somebody does', () => {
    page.hidden = true;
    const stop = page.follow();
    page.pass(100_000);
    expect([page.opened, page.polls]).toEqual([0, 0]);
    page.show(true);
    page.stream.failed();
    page.show(false);
    page.pass(100_000);
    expect([page.opened, page.polls, page.timers]).toEqual([1, 0, []]);
    page.show(true);
    page.stream.revisions(new Map([['a', 9]]));
    expect(page.told).toEqual([[['a', 9]]]);
    stop();
    expect([page.streams, page.timers, page.listeners]).toEqual([[], [], []]);
  });
});
