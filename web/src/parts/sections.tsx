/** The parts of a page, each with an address of its own. On a small screen the row scrolls; the one shown is always in sight. */

import { useEffect, useRef } from "react";
import { Link } from "react-router";

export function Sections<Key extends string>({ label, items, here }: { label: string; items: { key: Key; text: string; to: string }[]; here: Key }) {
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // what it gives (a promise, in browsers of today) is not what ends the effect
    void current.current?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [here]);
  return (
    <nav className="sections" aria-label={label}>
      <ul>
        {items.map(({ key, text, to }) => (
          <li key={key}><Link to={to} ref={key === here ? current : undefined} aria-current={key === here ? "page" : undefined}>{text}</Link></li>
        ))}
      </ul>
    </nav>
  );
}
