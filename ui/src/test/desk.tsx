import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { App } from '../app/App';
import { fakeHost, type Answers, type FakeHost } from '../preview/fakeHost';
import { answers } from '../preview/sample';

/** Opens the desk at a place, over answers that differ from the sample where given. */
export function openDesk(hash: string, different: Answers = {}): { host: FakeHost; user: ReturnType<typeof userEvent.setup> } {
  window.location.hash = hash;
  const host = fakeHost({ ...answers, ...different });
  render(<App host={host} />);
  return { host, user: userEvent.setup() };
}

export function called(host: FakeHost, command: string): unknown[] {
  return host.calls.filter((call) => call.command === command).map((call) => call.request);
}

export const heading = (name: string | RegExp) => screen.findByRole('heading', { level: 1, name });
