import { useEffect, type ReactNode } from "react";

/** Title, what it is about, and what can be done. */
export function PageHead({ title, tab, hint, extra, before }: { title: ReactNode; tab: string; hint?: ReactNode; extra?: ReactNode; before?: ReactNode }) {
  useEffect(() => {
    document.title = `${tab} · Moorage`;
  }, [tab]);
  return (
    <div className="head">
      {before}
      <div className="head-row">
        <div><h1>{title}</h1>{hint && <div className="quiet">{hint}</div>}</div>
        {extra && <div className="head-extra">{extra}</div>}
      </div>
    </div>
  );
}
