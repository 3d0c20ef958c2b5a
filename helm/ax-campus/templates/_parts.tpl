{{- /* Labels of a part; `component` is what network rules choose by, in this chart and in zero-to-jupyterhub's. */ -}}
{{- define "axcampus.matchLabels" -}}
app.kubernetes.io/name: axcampus-{{ .part }}
component: {{ .part }}
{{- end }}

{{- define "axcampus.labels" -}}
{{ include "axcampus.matchLabels" . }}
{{ include "axcampus.common" .root }}
{{- end }}

{{- define "axcampus.common" -}}
app.kubernetes.io/part-of: axcampus
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* Addresses of Services inside the cluster. */ -}}
{{- define "axcampus.portalInside" -}}http://axcampus-portal.{{ .Release.Namespace }}:8000{{- end }}
{{- define "axcampus.hubInside" -}}http://hub.{{ .Release.Namespace }}:8081{{- end }}
{{- define "axcampus.host" -}}{{ (urlParse .).hostname }}{{- end }}

{{- define "axcampus.databaseSecret" -}}
{{- if .Values.database.trial.enabled }}axcampus-trial-database{{ else }}{{ .Values.database.secret }}{{ end }}
{{- end }}

{{- /* Every variable of a pod of ours: from the settings, and the database's address from its Secret. */ -}}
{{- define "axcampus.environment" -}}
envFrom:
  - configMapRef: {name: {{ .settings | default "axcampus-settings" }}}
env:
  - {name: PYTHONPATH, value: /etc/axcampus/python}
  - {name: MPLCONFIGDIR, value: /tmp/matplotlib}
  - {name: TMPDIR, value: /tmp}
  - name: AXCAMPUS_DATABASE_URL
    valueFrom: {secretKeyRef: {name: {{ include "axcampus.databaseSecret" .root }}, key: {{ .root.Values.database.trial.enabled | ternary "url" .root.Values.database.key }}}}
{{- end }}

{{- define "axcampus.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "axcampus.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "axcampus.resources" -}}
requests: {cpu: {{ .cpu_request | quote }}, memory: {{ .memory_request }}, ephemeral-storage: 256Mi}
limits: {cpu: {{ .cpu_limit | quote }}, memory: {{ .memory_limit }}, ephemeral-storage: {{ .scratch }}}
{{- end }}

{{- /* Fields of a pod that every Deployment of ours has; `part` has its values in .values. */ -}}
{{- define "axcampus.pod" -}}
enableServiceLinks: false
{{- if .root.Values.image_pull_secret }}
imagePullSecrets: [{name: {{ .root.Values.image_pull_secret }}}]
{{- end }}
priorityClassName: axcampus-system
securityContext:
  {{- include "axcampus.podSecurity" . | nindent 2 }}
{{- with .values.node_selector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ include "axcampus.tolerations" . }}
{{- end }}
{{- end }}

{{- /* `operator` and `effect` have the defaults of the settings model. */ -}}
{{- define "axcampus.tolerations" -}}
{{- $found := list -}}
{{- range . -}}
{{- $found = append $found (merge (dict) . (dict "operator" "Exists" "effect" "NoSchedule")) -}}
{{- end -}}
{{ toJson $found }}
{{- end }}

{{- /* Waits until the tables are those of this version: no pod meets older ones. */ -}}
{{- define "axcampus.waitForTables" -}}
initContainers:
  - name: tables
    image: {{ .root.Values.image }}
    imagePullPolicy: {{ .root.Values.image_pull_policy }}
    args: [python, /etc/axcampus/python/cluster_tables.py, wait]
    {{- include "axcampus.environment" . | nindent 4 }}
    resources:
      {{- include "axcampus.resources" .values | nindent 6 }}
    securityContext:
      {{- include "axcampus.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - {name: python, mountPath: /etc/axcampus/python, readOnly: true}
      - {name: home, mountPath: /var/lib/axcampus}
      - {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "axcampus.volumes" -}}
- {name: python, configMap: {name: axcampus-python}}
# Nothing in it must outlive the pod: the database is the only state.
- {name: home, emptyDir: {sizeLimit: {{ .values.scratch }}}}
- {name: tmp, emptyDir: {sizeLimit: {{ .values.scratch }}}}
{{- end }}

{{- define "axcampus.keysVolume" -}}
# 288 is 0440: root and the pod's group.
- {name: keys, secret: {secretName: {{ .Values.secrets.keys_name }}, defaultMode: 288}}
{{- end }}

{{- /* A peer of the settings as NetworkPolicy writes it, as spawner_config/policies.py makes it. */ -}}
{{- define "axcampus.peer" -}}
{{- if .cidr -}}
{{ dict "ipBlock" (dict "cidr" .cidr) | toJson }}
{{- else -}}
{{- $peer := dict -}}
{{- with .namespace }}{{ $_ := set $peer "namespaceSelector" (dict "matchLabels" .) }}{{ end -}}
{{- with .pods }}{{ $_ := set $peer "podSelector" (dict "matchLabels" .) }}{{ end -}}
{{ toJson $peer }}
{{- end -}}
{{- end }}

{{- define "axcampus.ports" -}}
{{- $found := list -}}
{{- range . -}}{{- $found = append $found (dict "port" (int .number) "protocol" (.protocol | default "TCP")) -}}{{- end -}}
{{ toJson $found }}
{{- end }}

{{- /* Rules of one direction: a list of peers, `side` is "to" or "from". */ -}}
{{- define "axcampus.rules" -}}
{{- $side := .side -}}
{{- range .peers }}
- {{ $side }}: [{{ include "axcampus.peer" . }}]
  ports: {{ include "axcampus.ports" .ports }}
{{- end }}
{{- end }}

{{- /* A component of this release as a peer: {root, part, port} */ -}}
{{- define "axcampus.releasePeer" -}}
{{ dict "namespace" (dict "kubernetes.io/metadata.name" .root.Release.Namespace) "pods" (dict "component" .part) "ports" (list (dict "number" .port)) | toJson }}
{{- end }}

{{- /* GradingPods (graders/runners/job_manifest.py) of these values, as JSON: {root, priority} */ -}}
{{- define "axcampus.gradingPods" -}}
{{- $v := .root.Values -}}
{{- $g := $v.grading -}}
{{- $pods := dict "namespace" $g.namespace "image" $v.image "pull_policy" $v.image_pull_policy "size" $g.size "preload" $g.preload -}}
{{- $_ := set $pods "grace_seconds" (int $g.grace_seconds) -}}
{{- $_ := set $pods "fresh_after" (int $g.fresh_after) -}}
{{- $_ := set $pods "replicas" (int $g.replicas) -}}
{{- $_ := set $pods "priority_class" .priority -}}
{{- $_ := set $pods "node_selector" $g.node_selector -}}
{{- with $g.tolerations }}{{ $_ := set $pods "tolerations" (include "axcampus.tolerations" . | fromJsonArray) }}{{ end -}}
{{- with $v.image_pull_secret }}{{ $_ := set $pods "pull_secret" . }}{{ end -}}
{{ toJson $pods }}
{{- end }}
