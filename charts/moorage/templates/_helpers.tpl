{{- define "moorage.name" -}}
{{- if contains "moorage" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-moorage" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "moorage.image" -}}
{{ include "moorage.imageOf" (dict "image" .Values.image "version" .Chart.AppVersion) }}
{{- end }}

{{- define "moorage.console.image" -}}
{{ include "moorage.imageOf" (dict "image" .Values.console.image "version" .Chart.AppVersion) }}
{{- end }}

{{- define "moorage.imageOf" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .version }}
{{- end }}
{{- end }}

{{/* Labels that never change: a Deployment's selector is immutable. */}}
{{- define "moorage.selector" -}}
app.kubernetes.io/name: moorage
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{/* `part-of` is what the operator's watches select by, and belongs to the objects of services: here it is the Deployment's alone. */}}
{{- define "moorage.labels" -}}
{{ include "moorage.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "moorage.console.name" -}}
{{ include "moorage.name" . }}-console
{{- end }}

{{- define "moorage.console.selector" -}}
app.kubernetes.io/name: moorage
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: console
{{- end }}

{{- define "moorage.console.labels" -}}
{{ include "moorage.console.selector" . }}
app.kubernetes.io/version: {{ .Values.console.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The name of the console's port, which is the scheme of its probes, too. */}}
{{- define "moorage.console.scheme" -}}
{{ ternary "https" "http" .Values.console.tls.enabled }}
{{- end }}

{{- define "moorage.relay.name" -}}
{{ include "moorage.name" . }}-relay
{{- end }}

{{- define "moorage.relay.selector" -}}
app.kubernetes.io/name: moorage
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: relay
{{- end }}

{{- define "moorage.relay.labels" -}}
{{ include "moorage.relay.selector" . }}
app.kubernetes.io/version: {{ .Values.console.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Secrets of the relay: somebody's, or those that the console draws. */}}
{{- define "moorage.relay.tls" -}}
{{ .Values.relay.tls.secretName | default (printf "%s-tls" (include "moorage.relay.name" .)) }}
{{- end }}

{{- define "moorage.relay.token" -}}
{{ .Values.relay.tokenSecretName | default (printf "%s-token" (include "moorage.relay.name" .)) }}
{{- end }}

{{- define "moorage.monitoring.name" -}}
{{ include "moorage.name" . }}-monitoring
{{- end }}

{{/* Services beside it whose certificate and token the console draws. */}}
{{- define "moorage.console.draws" -}}
{{- $found := list }}
{{- if and .Values.relay.enabled (not .Values.relay.tls.secretName) }}{{ $found = append $found (include "moorage.relay.name" .) }}{{ end }}
{{- if .Values.monitoring.bring.enabled }}{{ $found = append $found (include "moorage.monitoring.name" .) }}{{ end }}
{{- join "," $found }}
{{- end }}

{{/* Addresses of a Prometheus and an Alertmanager: somebody's, or the gate before those that the chart brings. */}}
{{- define "moorage.console.prometheus" -}}
{{- $gate := printf "https://%s.%s.svc/prometheus" (include "moorage.monitoring.name" .) .Release.Namespace }}
{{- .Values.console.monitoring.prometheus | default (ternary $gate "" .Values.monitoring.bring.enabled) }}
{{- end }}

{{- define "moorage.console.alertmanager" -}}
{{- $gate := printf "https://%s.%s.svc/alertmanager" (include "moorage.monitoring.name" .) .Release.Namespace }}
{{- .Values.console.monitoring.alertmanager | default (ternary $gate "" .Values.monitoring.bring.enabled) }}
{{- end }}

{{/* The object in which Prometheus finds the alert rules that people made. */}}
{{- define "moorage.ownRules" -}}
{{ include "moorage.name" . }}-own-rules
{{- end }}

{{/* The volume with what Prometheus and Alertmanager are asked with: ca.crt and token. */}}
{{- define "moorage.monitoring.files.asked" -}}
- name: monitoring
  {{- with .Values.console.monitoring.secretName }}
  secret: {secretName: {{ . }}}
  {{- else }}
  projected:
    sources:
      - secret: {name: {{ include "moorage.monitoring.name" . }}-tls, optional: true, items: [{key: ca.crt, path: ca.crt}]}
      - secret: {name: {{ include "moorage.monitoring.name" . }}-token, optional: true, items: [{key: token, path: token}]}
  {{- end }}
{{- end }}

{{- define "moorage.monitoring.selector" -}}
app.kubernetes.io/name: moorage
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: monitoring
{{- end }}

{{- define "moorage.monitoring.labels" -}}
{{ include "moorage.monitoring.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "moorage.monitoring.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What Prometheus and Alertmanager read, where the chart brings them. */}}
{{- define "moorage.monitoring.files" -}}
prometheus.yaml: |
  {{- $host := printf "%s.%s.svc" (include "moorage.relay.name" .) .Release.Namespace }}
  {{- .Files.Get "files/monitoring/prometheus.yaml" | replace "relay.invalid" $host | nindent 2 }}
rules.yaml: |
  {{- .Files.Get "files/monitoring/rules.yaml" | replace "docs/runbooks" .Values.monitoring.runbooks | nindent 2 }}
alertmanager.yaml: |
  {{- $relay := printf "https://%s.%s.svc/notices" (include "moorage.relay.name" .) .Release.Namespace }}
  {{- .Files.Get "files/monitoring/alertmanager.yaml" | replace "https://relay.invalid/notices" $relay | nindent 2 }}
{{- end }}
