/** Rows as a table, and as cards where a table would have to be scrolled sideways. */

import { Pagination, Table, type TableColumnType } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useIsNarrow } from "./media";

export type Column<Row> = TableColumnType<Row> & { key: string };

interface Props<Row> {
  label: string; rows: readonly Row[]; rowKey: (row: Row) => string; columns: Column<Row>[];
  /** The table scrolls below this width, in px. */
  width: number;
  /** The column that heads a card; the first unless told otherwise. The one called "actions" ends it. */
  lead?: string;
  pageSize?: number; empty?: ReactNode;
  /** Only the rows in sight are drawn, in a box of this height in px. */
  virtualHeight?: number;
}

export function Records<Row extends object>(props: Props<Row>) {
  return useIsNarrow() ? <Cards {...props} /> : <Wide {...props} />;
}

function Wide<Row extends object>({ label, rows, rowKey, columns, width, pageSize = 50, empty, virtualHeight }: Props<Row>) {
  const around = useReachable(label);
  return (
    <div ref={around}>
      <Table<Row>
        rowKey={rowKey} columns={columns} dataSource={rows} size="middle" tableLayout="fixed" showSorterTooltip={false} locale={empty ? { emptyText: empty } : undefined}
        pagination={virtualHeight ? false : { pageSize, hideOnSinglePage: true, showSizeChanger: false }} virtual={virtualHeight !== undefined} scroll={{ x: width, y: virtualHeight }}
      />
    </div>
  );
}

/** A box that scrolls can be scrolled with the keyboard; the library's own can't be told so. */
function useReachable(label: string) {
  const around = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const look = () => {
      const box = around.current?.querySelector<HTMLElement>(".ant-table-content");
      if (!box) return;
      const scrolls = box.scrollWidth > box.clientWidth;
      for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", label]] as const) {
        if (scrolls) box.setAttribute(name, value);
        else box.removeAttribute(name);
      }
    };
    const watch = new ResizeObserver(look);
    if (around.current) watch.observe(around.current);
    return () => watch.disconnect();
  }, [label]);
  return around;
}

function Cards<Row extends object>({ label, rows, rowKey, columns, lead = columns[0]?.key, pageSize = 20, empty }: Props<Row>) {
  const [page, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const first = (Math.min(page, pages) - 1) * pageSize;
  if (rows.length === 0) return empty;
  return (
    <>
      <ul className="records" aria-label={label}>
        {rows.slice(first, first + pageSize).map((row, index) => <Card key={rowKey(row)} row={row} index={index} columns={columns} lead={lead} />)}
      </ul>
      {pages > 1 && <Pagination className="above" align="center" current={Math.min(page, pages)} pageSize={pageSize} total={rows.length} showSizeChanger={false} onChange={setPage} />}
    </>
  );
}

function Card<Row>({ row, index, columns, lead }: { row: Row; index: number; columns: Column<Row>[]; lead: string | undefined }) {
  const show = (column: Column<Row>): ReactNode => {
    const value = column.dataIndex === undefined ? undefined : row[column.dataIndex as keyof Row];
    return column.render ? (column.render(value, row, index) as ReactNode) : (value as ReactNode);
  };
  const head = columns.find((column) => column.key === lead);
  const actions = columns.find((column) => column.key === "actions");
  return (
    <li className="record">
      <div className="lead">{head && show(head)}</div>
      <dl className="facts">
        {columns.filter((column) => column !== head && column !== actions).map((column) => <Fact key={column.key} name={column.title as ReactNode} value={show(column)} />)}
      </dl>
      {actions && show(actions)}
    </li>
  );
}

function Fact({ name, value }: { name: ReactNode; value: ReactNode }) {
  return <><dt>{name}</dt><dd>{value}</dd></>;
}
