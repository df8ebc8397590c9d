import { render, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { ActionRegistry, Actions } from '../app/actions';
import { Table } from './Table';

interface Row {
  id: string;
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: `row ${index}` }));
const columns = [{ key: 'id', head: 'Id', cell: (row: Row) => row.id }];

function draw(count: number, more: Partial<Parameters<typeof Table<Row>>[0]> = {}) {
  const registry = new ActionRegistry();
  render(
    <Actions value={registry}>
      <Table label="Rows" rows={rows(count)} rowKey={(row) => row.id} columns={columns} {...more} />
    </Actions>,
  );
  return registry;
}

describe('a table', () => {
  it('draws few rows in full and moves by J and K', () => {
    const onCurrent = vi.fn();
    const registry = draw(3, { current: 'row 1', onCurrent });
    expect(within(screen.getByRole('grid')).getAllByRole('row')).toHaveLength(4);
    registry.withKeys('j')?.run();
    registry.withKeys('k')?.run();
    expect(onCurrent.mock.calls.map(([row]) => (row as Row).id)).toEqual(['row 2', 'row 0']);
  });

  it('keeps the rows out of sight out of the document beyond 200, and tells how many there are', async () => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    draw(5_000, { onCurrent: () => undefined });
    const grid = screen.getByRole('grid');
    expect(grid.getAttribute('aria-rowcount')).toBe('5001');
    await within(grid).findByText('row 17');
    expect(within(grid).getAllByRole('row').length).toBeLessThan(80);
  });

  it('asks for more only when its end is in sight', () => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    const onEnd = vi.fn();
    draw(5_000, { onEnd });
    expect(onEnd).not.toHaveBeenCalled();
  });
});
