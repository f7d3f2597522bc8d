/** How bad an alert is, and whom it is about: the same in every list. */

import { CloseCircleFilled, InfoCircleFilled, QuestionCircleFilled, WarningFilled } from "@ant-design/icons";
import { Link } from "react-router";
import { useTexts } from "../../i18n/use";
import { severityOf, subject } from "../../text/alerts";

const SIGNS = {
  critical: ["bad", <CloseCircleFilled key="critical" aria-hidden />],
  warning: ["warn", <WarningFilled key="warning" aria-hidden />],
  info: ["quiet", <InfoCircleFilled key="info" aria-hidden />],
  other: ["quiet", <QuestionCircleFilled key="other" aria-hidden />],
} as const;

/** A sign, a word and a colour. */
export function SeverityMark({ severity }: { severity: string }) {
  const { t } = useTexts();
  const kind = severityOf(severity);
  const [look, sign] = SIGNS[kind];
  return <span className={look}>{sign} {kind === "other" && severity ? severity : t(`alerts.severity.${kind}`)}</span>;
}

export function Subject({ about }: { about: { space: string; service: string; store: string; member: string } }) {
  const { t } = useTexts();
  const text = subject(about) || t("alerts.itself");
  return about.service ? <Link className="wrap" to={`/services/${about.space}/${about.service}`}>{text}</Link> : <span className="wrap">{text}</span>;
}
