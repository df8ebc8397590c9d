import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { ActionRegistry, Actions, matching, useActions, type Action } from './actions';
import { useShortcuts } from './shortcuts';

const action = (id: string, more: Partial<Action> = {}): Action => ({ id, title: id, group: 'Test', run: () => undefined, ...more });

describe('the registry', () => {
  it('lets the newest layer win a key and an id', () => {
    const registry = new ActionRegistry();
    registry.add([action('old', { keys: 'a' }), action('same', { title: 'before' })]);
    const remove = registry.add([action('new', { keys: 'a' }), action('same', { title: 'after' })]);
    expect(registry.withKeys('a')?.id).toBe('new');
    expect(registry.all().find((one) => one.id === 'same')?.title).toBe('after');
    remove();
    expect(registry.withKeys('a')?.id).toBe('old');
  });
  it('finds acts by all typed words, title first', () => {
    const all = [action('x', { title: 'Open ledger' }), action('y', { title: 'Ledger export' }), action('z', { title: 'Settings' })];
    expect(matching(all, 'ledger').map((one) => one.id)).toEqual(['y', 'x']);
    expect(matching(all, 'led open').map((one) => one.id)).toEqual(['x']);
  });
});

describe('shortcuts', () => {
  function Desk({ registry, acts, single = true }: { registry: ActionRegistry; acts: Action[]; single?: boolean }) {
    useShortcuts(registry, single);
    return (
      <Actions value={registry}>
        <Screen acts={acts} />
        <input aria-label="field" />
        <button type="button">press</button>
      </Actions>
    );
  }
  function Screen({ acts }: { acts: Action[] }) {
    useActions(acts);
    return null;
  }

  it('run the latest act of the screen', () => {
    const run = vi.fn();
    const later = vi.fn();
    const registry = new ActionRegistry();
    const { rerender } = render(<Desk registry={registry} acts={[action('go', { keys: 'g l', run })]} />);
    rerender(<Desk registry={registry} acts={[action('go', { keys: 'g l', run: later })]} />);
    fireEvent.keyDown(document.body, { key: 'g' });
    fireEvent.keyDown(document.body, { key: 'l' });
    expect(run).not.toHaveBeenCalled();
    expect(later).toHaveBeenCalledOnce();
  });
  it('leave typing alone, but not combinations', () => {
    const run = vi.fn();
    const palette = vi.fn();
    render(<Desk registry={new ActionRegistry()} acts={[action('a', { keys: 'a', run }), action('p', { keys: 'mod+k', run: palette })]} />);
    const field = screen.getByLabelText('field');
    fireEvent.keyDown(field, { key: 'a' });
    fireEvent.keyDown(field, { key: 'k', ctrlKey: true });
    expect(run).not.toHaveBeenCalled();
    expect(palette).toHaveBeenCalledOnce();
  });
  it('leave Enter to a focused button', () => {
    const run = vi.fn();
    render(<Desk registry={new ActionRegistry()} acts={[action('open', { keys: 'enter', run })]} />);
    fireEvent.keyDown(screen.getByText('press'), { key: 'Enter' });
    expect(run).not.toHaveBeenCalled();
  });
  it('can be switched off but for combinations', () => {
    const run = vi.fn();
    render(<Desk registry={new ActionRegistry()} acts={[action('a', { keys: 'a', run })]} single={false} />);
    fireEvent.keyDown(document.body, { key: 'a' });
    expect(run).not.toHaveBeenCalled();
  });
});
