"""Audit records as the kernel and auditd write them.

Made up after security/lsm_audit.c, security/selinux/avc.c and security/apparmor/net.c: no machine
of the tests has SELinux or AppArmor.
"""

HTTPD = (
    "audit: type=1400 audit(1700000097.123:456): avc:  denied  { name_connect } for  pid=812 "
    'comm="nginx" dest=9000 scontext=system_u:system_r:httpd_t:s0 '
    "tcontext=system_u:object_r:http_port_t:s0 tclass=tcp_socket permissive=0"
)
CLIENT = (
    "type=AVC msg=audit(1700000098.000:9): avc:  denied  { name_connect } for  pid=4711 "
    'comm="curl" dest=8000 scontext=staff_u:staff_r:sandbox_t:s0-s0:c0.c1023 '
    "tcontext=system_u:object_r:soundd_port_t:s0 tclass=tcp_socket permissive=0"
)
BIND = (
    "audit: type=1400 audit(1700000050.000:7): avc:  denied  { name_bind } for  pid=900 "
    'comm="httpd" src=8000 scontext=system_u:system_r:httpd_t:s0 '
    "tcontext=system_u:object_r:soundd_port_t:s0 tclass=tcp_socket permissive=0"
)
APPARMOR = (
    'audit: type=1400 audit(1700000099.500:12): apparmor="DENIED" operation="connect" '
    'class="net" profile="/usr/bin/fetch" pid=4711 comm="fetch" family="inet" '
    'sock_type="stream" protocol=6 requested_mask="connect" denied_mask="connect"'
)
APPARMOR_BIND = (
    'audit: type=1400 audit(1700000099.500:13): apparmor="DENIED" operation="bind" class="net" '
    'profile="web" pid=900 comm="web" laddr=127.0.0.1 lport=8000 family="inet" '
    'sock_type="stream" protocol=6 requested_mask="bind" denied_mask="bind"'
)
FILE = (
    'audit: type=1400 audit(1700000099.500:14): apparmor="DENIED" operation="open" '
    'class="file" profile="web" name="/etc/shadow" pid=900 comm="web" requested_mask="r"'
)
