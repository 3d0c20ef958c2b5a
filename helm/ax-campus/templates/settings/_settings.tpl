{{- /* Every AXCAMPUS_ variable of this release but secrets. */ -}}
{{- define "axcampus.settings" -}}
{{- $v := .Values -}}
{{- range $name, $value := $v.settings }}
AXCAMPUS_{{ upper $name }}: {{ $value | toString | quote }}
{{- end }}
AXCAMPUS_ACCOUNTS: {{ $v.accounts }}
AXCAMPUS_PORT: "8000"
AXCAMPUS_PORTAL_HOST: {{ include "axcampus.host" $v.portal_url }}
AXCAMPUS_NOTEBOOK_HOST: {{ include "axcampus.host" $v.notebook_url }}
AXCAMPUS_PUBLIC_PORTAL_URL: {{ $v.portal_url }}
AXCAMPUS_PUBLIC_HUB_URL: {{ $v.notebook_url }}
AXCAMPUS_INSIDE_PORTAL_URL: {{ include "axcampus.portalInside" . }}
AXCAMPUS_INSIDE_HUB_URL: {{ include "axcampus.hubInside" . }}
AXCAMPUS_NOTEBOOKS_RUN_AS: pods
AXCAMPUS_NOTEBOOKS_FILE: /etc/axcampus/files/notebooks.yaml
AXCAMPUS_GRADING_FILE: /etc/axcampus/files/grading.yaml
{{- if $v.secrets.smtp_name }}
AXCAMPUS_SMTP_PASSWORD_FILE: /var/lib/axcampus/secrets/smtp_password
{{- end }}
{{- end }}
