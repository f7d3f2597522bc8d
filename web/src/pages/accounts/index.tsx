/** People, their sessions and tokens, and who changed what. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { PageHead } from "../../parts/page";
import { Sections } from "../../parts/sections";
import { Audit } from "./audit";
import { isForbidden } from "./change";
import { People } from "./people";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";

const TABS = ["people", "sessions", "tokens", "audit"] as const;

export default function Accounts() {
  const { t } = useTexts();
  const { tab } = useParams();
  // whoever manages no accounts begins with what is their own
  const accounts = useQuery({ ...ask.accounts(), enabled: tab === undefined });
  const here = TABS.find((one) => one === tab) ?? (isForbidden(accounts.error) ? "sessions" : "people");
  const bodies = { people: <People />, sessions: <Sessions />, tokens: <Tokens />, audit: <Audit /> };
  return (
    <>
      <PageHead title={t("nav.accounts")} tab={`${t("nav.accounts")} · ${t(`accounts.${here}`)}`} />
      <Sections label={t("nav.accounts")} here={here} items={TABS.map((key) => ({ key, text: t(`accounts.${key}`), to: `/accounts/${key}` }))} />
      {bodies[here]}
    </>
  );
}
