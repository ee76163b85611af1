"""The table behind `usual_ports`, ports below 6000: data and nothing else.

Port (`/udp` where it is not TCP), product, what for, source; ordered by port, transport, product.
"""

from __future__ import annotations

TABLE = """\
7 | Echo Protocol | sends back what it gets | RFC 862
9 | Discard Protocol | throws away what it gets | RFC 863
13 | Daytime Protocol | tells the time as text | RFC 867
19 | Character Generator Protocol | sends characters without end | RFC 864
20 | FTP | file transfer, data | RFC 959
21 | FTP | file transfer, control | RFC 959
22 | SSH | remote login | RFC 4253, 4
23 | Telnet | remote login in the clear | RFC 854
25 | SMTP | mail between servers | RFC 5321, 4.5.4.2
37 | Time Protocol | tells the time as a number | RFC 868
43 | WHOIS | who owns a domain or a network | RFC 3912
49 | TACACS+ | login to network devices | RFC 8907, 4.1
53 | DNS | name resolution, large answers and transfers | RFC 7766
53/udp | DNS | name resolution | RFC 1035, 4.2.1
67/udp | DHCP server | hands out addresses | RFC 2131, 4.1
68/udp | DHCP client | gets its address | RFC 2131, 4.1
69/udp | TFTP | boot files | RFC 1350
70 | Gopher | menus before the web | RFC 1436
79 | Finger | who is logged in | RFC 1288
80 | HTTP | web | RFC 9110, 4.2.1
88 | Kerberos | tickets | RFC 4120, 7.2.2
110 | POP3 | mailbox | RFC 1939
111 | rpcbind | ports of ONC RPC programs | RFC 1833
113 | ident | who owns a connection | RFC 1413
119 | NNTP | news | RFC 3977
123/udp | NTP | time | RFC 5905
135 | Microsoft RPC endpoint mapper | ports of DCE RPC programs | https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements
137/udp | NetBIOS name service | names on a Windows network | RFC 1002
138/udp | NetBIOS datagram service | browsing a Windows network | RFC 1002
139 | NetBIOS session service | SMB of old | RFC 1002
143 | IMAP | mailbox | RFC 9051, 2.1
161/udp | SNMP | monitoring of devices | RFC 3417
162/udp | SNMP traps | alarms of devices | RFC 3417
179 | BGP | routes between networks | RFC 4271
389 | LDAP | directory | RFC 4511
443 | HTTPS | web over TLS | RFC 9110, 4.2.2
443/udp | HTTP/3 | web over QUIC | RFC 9114
445 | SMB | file sharing (Samba, Windows) | https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements
465 | SMTP submission over TLS | mail from clients | RFC 8314, 3.3
500/udp | IKE | key exchange of IPsec | RFC 7296
514/udp | syslog | log messages | RFC 5426
515 | LPD | printing | RFC 1179
546/udp | DHCPv6 client | gets its IPv6 address | RFC 8415, 7.2
547/udp | DHCPv6 server | hands out IPv6 addresses | RFC 8415, 7.2
554 | RTSP | control of media streams | RFC 7826
587 | SMTP submission | mail from clients | RFC 6409
631 | IPP | printing (CUPS, and its web page) | RFC 8010
636 | LDAP over TLS | directory | https://www.openldap.org/doc/admin26/runningslapd.html
853 | DNS over TLS | name resolution | RFC 7858
873 | rsync | the rsync daemon | https://download.samba.org/pub/rsync/rsyncd.conf.5
993 | IMAP over TLS | mailbox | RFC 8314, 3.2
995 | POP3 over TLS | mailbox | RFC 8314, 3.1
1025 | Mailpit | SMTP that catches the mail of tests | https://mailpit.axllent.org/docs/configuration/runtime-options/
1080 | MockServer | HTTP mocks | https://www.mock-server.com/where/docker.html
1080 | SOCKS | proxy | RFC 1928
1099 | Java RMI registry | remote objects; often JMX | https://docs.oracle.com/en/java/javase/21/docs/specs/man/rmiregistry.html
1111 | Zola | zola serve, static sites | https://www.getzola.org/documentation/getting-started/cli-usage/
1194/udp | OpenVPN | tunnel | https://openvpn.net/community-resources/reference-manual-for-openvpn-2-6/
1234 | LM Studio | local models, OpenAI-like API | https://lmstudio.ai/docs/developer/core/server
1234 | Parcel | dev server | https://parceljs.org/features/development/
1234 | QEMU | gdb stub (-s) | https://www.qemu.org/docs/master/system/gdb.html
1313 | Hugo | hugo server, static sites | https://gohugo.io/commands/hugo_server/
1337 | Strapi | content management | https://docs.strapi.io/cms/configurations/server
1414 | IBM MQ | queue manager listener | https://www.ibm.com/docs/en/ibm-mq/9.3?topic=reference-runmqlsr-run-listener
1420 | Tauri | dev server of its templates | https://v2.tauri.app/develop/configuration-files/
1433 | Microsoft SQL Server | SQL database | https://learn.microsoft.com/sql/sql-server/install/configure-the-windows-firewall-to-allow-sql-server-access
1434/udp | SQL Server Browser | ports of named instances | https://learn.microsoft.com/sql/sql-server/install/configure-the-windows-firewall-to-allow-sql-server-access
1521 | Oracle Database | SQL database listener | https://docs.oracle.com/en/database/oracle/oracle-database/19/netrf/local-naming-parameters-in-tns-ora-file.html
1527 | Apache Derby | network server | https://db.apache.org/derby/docs/10.16/adminguide/
1701/udp | L2TP | tunnel | RFC 2661
1704 | Snapcast | audio to many rooms | https://github.com/badaix/snapcast
1723 | PPTP | tunnel | RFC 2637
1729 | TypeDB | database | https://typedb.com/docs/
1812/udp | RADIUS | authentication | RFC 2865
1813/udp | RADIUS | accounting | RFC 2866
1880 | Node-RED | flow editor | https://nodered.org/docs/user-guide/runtime/configuration
1883 | MQTT | messages (Mosquitto, EMQX, …) | https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html
1900/udp | SSDP | discovery of UPnP devices | https://openconnectivity.org/upnp-specs/UPnP-arch-DeviceArchitecture-v2.0-20200417.pdf
1935 | RTMP | live video (nginx-rtmp, OBS, MediaMTX) | https://rtmp.veriskope.com/docs/spec/
1965 | Gemini | small web | https://geminiprotocol.net/docs/protocol-specification.gmi
2003 | Graphite Carbon | metrics as lines | https://graphite.readthedocs.io/en/latest/feeding-carbon.html
2004 | Graphite Carbon | metrics as pickles | https://graphite.readthedocs.io/en/latest/feeding-carbon.html
2019 | Caddy | admin API | https://caddyserver.com/docs/api
2020 | Fluent Bit | HTTP server with its own metrics | https://docs.fluentbit.io/manual/administration/monitoring
2024 | LangGraph | langgraph dev | https://docs.langchain.com/langsmith/cli
2049 | NFS | file sharing | RFC 7530, 3.1
2113 | KurrentDB (EventStoreDB) | event store, HTTP and gRPC | https://docs.kurrent.io/server/v24.10/configuration/networking
2181 | Apache ZooKeeper | clients | https://zookeeper.apache.org/doc/current/zookeeperAdmin.html
2222 | Vagrant | SSH of a virtual machine, forwarded | https://developer.hashicorp.com/vagrant/docs/networking/forwarded_ports
2345 | Delve | Go debugger as GoLand sets it up; connecting attaches | https://www.jetbrains.com/help/go/attach-to-running-go-processes-with-debugger.html
2368 | Ghost | blog | https://ghost.org/docs/config/
2375 | Docker | API in the clear: whoever reaches it is root | https://docs.docker.com/engine/daemon/remote-access/
2376 | Docker | API over TLS | https://docs.docker.com/engine/security/protect-access/
2377 | Docker Swarm | cluster management | https://docs.docker.com/engine/swarm/swarm-tutorial/
2379 | etcd | clients | https://etcd.io/docs/v3.5/op-guide/configuration/
2380 | etcd | peers | https://etcd.io/docs/v3.5/op-guide/configuration/
2424 | OrientDB | binary protocol | https://orientdb.org/docs/3.2.x/
2456/udp | Valheim | game server | https://www.valheimgame.com/support/a-guide-to-dedicated-servers/
2480 | OrientDB | HTTP and studio | https://orientdb.org/docs/3.2.x/
2628 | DICT | dictionaries | RFC 2229
2718 | marimo | notebooks | https://docs.marimo.io/cli/
2888 | Apache ZooKeeper | peers | https://zookeeper.apache.org/doc/current/zookeeperAdmin.html
2947 | gpsd | positions | https://gpsd.gitlab.io/gpsd/gpsd.html
3000 | Dagster | web page of dagster dev | https://docs.dagster.io/api/clis/cli
3000 | Docusaurus | dev server | https://docusaurus.io/docs/cli
3000 | Express generator | web application | https://expressjs.com/en/starter/generator.html
3000 | Gitea, Forgejo | git hosting | https://docs.gitea.com/administration/config-cheat-sheet
3000 | Grafana | dashboards | https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
3000 | mdBook | mdbook serve | https://rust-lang.github.io/mdBook/cli/serve.html
3000 | Metabase | business intelligence | https://www.metabase.com/docs/latest/configuring-metabase/customizing-jetty-webserver
3000 | NestJS | web application | https://docs.nestjs.com/first-steps
3000 | Next.js | dev server | https://nextjs.org/docs/app/api-reference/cli/next
3000 | Nuxt | dev server | https://nuxt.com/docs/api/commands/dev
3000 | Ruby on Rails (Puma) | web application | https://guides.rubyonrails.org/command_line.html
3001 | Browsersync | its own settings page | https://browsersync.io/docs/options
3001 | Uptime Kuma | monitoring page | https://github.com/louislam/uptime-kuma
3023 | Teleport | SSH proxy | https://goteleport.com/docs/reference/networking/
3030 | Feathers | web application | https://feathersjs.com/guides/basics/generator
3030 | Slidev | slides | https://sli.dev/builtin/cli
3035 | Shakapacker | webpack dev server of Rails | https://github.com/shakacode/shakapacker
3036 | Vite Ruby | Vite dev server of Rails | https://vite-ruby.netlify.app/config/
3050 | Firebird | SQL database | https://firebirdsql.org/file/documentation/html/en/firebirddocs/qsg5/firebird-5-quickstartguide.html
3080 | LibreChat | chat with models | https://www.librechat.ai/docs/configuration/dotenv
3100 | Grafana Loki | logs | https://grafana.com/docs/loki/latest/configure/
3128 | Squid | HTTP proxy | http://www.squid-cache.org/Doc/config/http_port/
3141 | devpi | Python package index | https://devpi.net/docs/devpi/devpi/stable/+doc/
3200 | Grafana Tempo | traces | https://grafana.com/docs/tempo/latest/configuration/
3260 | iSCSI | disks over the network | RFC 7143
3268 | Active Directory | global catalog, LDAP | https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements
3300 | Ceph | monitor, protocol 2 | https://docs.ceph.com/en/latest/rados/configuration/network-config-ref/
3301 | Tarantool | in-memory database | https://www.tarantool.io/en/doc/latest/
3306 | MySQL, MariaDB | SQL database | https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html
3310 | ClamAV | clamd, virus scanner | https://docs.clamav.net/manual/Usage/Configuration.html
3333 | AdonisJS | web application | https://docs.adonisjs.com/guides/getting-started/configuration
3333 | OpenOCD | gdb server of a chip | https://openocd.org/doc/html/Server-Configuration.html
3333 | Sanity Studio | content management | https://www.sanity.io/docs/cli-reference/cli-dev
3389 | RDP | remote desktop | https://learn.microsoft.com/windows-server/remote/remote-desktop-services/clients/change-listening-port
3478/udp | STUN, TURN | finding a way through NAT (coturn, WebRTC) | RFC 8489
3493 | NUT | uninterruptible power supplies | https://networkupstools.org/docs/man/upsd.conf.html
3632 | distcc | compilation on other machines | https://www.distcc.org/man/distccd_1.html
3690 | Subversion | svnserve | https://svnbook.red-bean.com/en/1.7/svn.serverconfig.svnserve.html
3838 | Shiny Server | R web applications | https://docs.posit.co/shiny-server/
3888 | Apache ZooKeeper | leader election | https://zookeeper.apache.org/doc/current/zookeeperAdmin.html
3979 | OpenTTD | game server | https://wiki.openttd.org/en/Manual/Dedicated%20server
4000 | Apollo Server | GraphQL | https://www.apollographql.com/docs/apollo-server/api/standalone
4000 | Firebase Emulator Suite | its web page | https://firebase.google.com/docs/emulator-suite/install_and_configure
4000 | Hexo | hexo server, blog | https://hexo.io/docs/server
4000 | Jekyll | jekyll serve, static sites | https://jekyllrb.com/docs/configuration/options/
4000 | LiteLLM | proxy to models | https://docs.litellm.ai/docs/simple_proxy
4000 | Phoenix | web application | https://hexdocs.pm/phoenix/up_and_running.html
4000 | TiDB | SQL database, MySQL protocol | https://docs.pingcap.com/tidb/stable/command-line-flags-for-tidb-configuration
4001 | IPFS | swarm | https://github.com/ipfs/kubo/blob/master/docs/config.md
4001 | rqlite | HTTP API | https://rqlite.io/docs/quick-start/
4004 | SAP CAP | cds watch | https://cap.cloud.sap/docs/get-started/
4040 | Apache Spark | page of a running application | https://spark.apache.org/docs/latest/monitoring.html
4040 | Grafana Pyroscope | profiles | https://grafana.com/docs/pyroscope/latest/
4040 | ngrok | inspector of a tunnel | https://ngrok.com/docs/agent/
4111 | Mastra | mastra dev | https://mastra.ai/docs
4143 | Linkerd | proxy, inbound | https://linkerd.io/2/reference/
4150 | NSQ | nsqd, TCP | https://nsq.io/components/nsqd.html
4151 | NSQ | nsqd, HTTP | https://nsq.io/components/nsqd.html
4160 | NSQ | nsqlookupd, TCP | https://nsq.io/components/nsqlookupd.html
4161 | NSQ | nsqlookupd, HTTP | https://nsq.io/components/nsqlookupd.html
4171 | NSQ | nsqadmin | https://nsq.io/components/nsqadmin.html
4173 | Vite | vite preview | https://vite.dev/config/preview-options
4190 | ManageSieve | mail filters | RFC 5804
4200 | Angular CLI | ng serve | https://angular.dev/cli/serve
4200 | Ember CLI | ember serve | https://cli.emberjs.com/release/
4200 | Prefect | server and its page | https://docs.prefect.io/v3/manage/server/
4213 | DuckDB | its UI extension | https://duckdb.org/docs/stable/core_extensions/ui
4222 | NATS | clients | https://docs.nats.io/running-a-nats-service/configuration
4226 | sccache | server of the compiler cache | https://github.com/mozilla/sccache
4242/udp | Nebula | overlay network | https://nebula.defined.net/docs/config/listen/
4280 | Azure Static Web Apps CLI | emulator | https://azure.github.io/static-web-apps-cli/
4317 | OpenTelemetry | OTLP over gRPC | https://opentelemetry.io/docs/specs/otlp/
4318 | OpenTelemetry | OTLP over HTTP | https://opentelemetry.io/docs/specs/otlp/
4321 | Astro | dev server | https://docs.astro.build/en/reference/configuration-reference/
4369 | epmd | names of Erlang and Elixir nodes (RabbitMQ, CouchDB) | https://www.erlang.org/doc/apps/erts/epmd_cmd.html
4400 | Firebase Emulator Suite | hub | https://firebase.google.com/docs/emulator-suite/install_and_configure
4433 | OpenSSL | openssl s_server | https://docs.openssl.org/master/man1/openssl-s_server/
4443 | fake-gcs-server | Google Cloud Storage emulator | https://github.com/fsouza/fake-gcs-server
4444 | geckodriver | WebDriver of Firefox | https://firefox-source-docs.mozilla.org/testing/geckodriver/Flags.html
4444 | OpenOCD | telnet commands | https://openocd.org/doc/html/Server-Configuration.html
4444 | Selenium Grid | WebDriver | https://www.selenium.dev/documentation/grid/getting_started/
4455 | OBS Studio | obs-websocket | https://github.com/obsproject/obs-websocket
4500/udp | IPsec | NAT traversal | RFC 3948
4502 | Adobe Experience Manager | author instance | https://experienceleague.adobe.com/en/docs/experience-manager-65/content/implementing/deploying/deploying/deploy
4505 | Salt | publisher | https://docs.saltproject.io/en/latest/ref/configuration/master.html
4506 | Salt | request server | https://docs.saltproject.io/en/latest/ref/configuration/master.html
4566 | LocalStack | AWS emulator | https://docs.localstack.cloud/
4567 | Galera Cluster | replication | https://galeracluster.com/library/documentation/firewall-settings.html
4567 | Sinatra | web application | https://sinatrarb.com/configuration.html
4646 | Nomad | HTTP API and page | https://developer.hashicorp.com/nomad/docs/configuration
4647 | Nomad | RPC | https://developer.hashicorp.com/nomad/docs/configuration
4723 | Appium | tests of mobile applications | https://appium.io/docs/en/latest/cli/args/
4730 | Gearman | job server | http://gearman.org/manual/job_server/
4789/udp | VXLAN | overlay network (Docker Swarm) | RFC 7348
4848 | GlassFish | admin console | https://glassfish.org/docs/latest/quick-start-guide.html
4873 | Verdaccio | npm registry | https://verdaccio.org/docs/configuration
4891 | GPT4All | local models, OpenAI-like API | https://docs.gpt4all.io/
4949 | Munin | node | https://guide.munin-monitoring.org/en/latest/reference/munin-node.conf.html
4983 | Drizzle Studio | looks into a database | https://orm.drizzle.team/docs/drizzle-kit-studio
5000 | ASP.NET Core | Kestrel, HTTP | https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
5000 | Docker Registry | container images | https://distribution.github.io/distribution/about/deploying/
5000 | Flask | flask run | https://flask.palletsprojects.com/en/stable/cli/
5000 | macOS AirPlay Receiver | takes the port on every Mac since macOS 12 | https://developer.apple.com/forums/thread/682332
5000 | MLflow | tracking server | https://mlflow.org/docs/latest/cli.html
5001 | ASP.NET Core | Kestrel, HTTPS | https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
5001 | Firebase Emulator Suite | Cloud Functions | https://firebase.google.com/docs/emulator-suite/install_and_configure
5001 | IPFS | RPC API | https://github.com/ipfs/kubo/blob/master/docs/config.md
5001 | KoboldCpp | local models | https://github.com/LostRuins/koboldcpp/wiki
5005 | JDWP | Java debugger (IntelliJ IDEA, Gradle, Maven); connecting attaches | https://docs.gradle.org/current/userguide/java_testing.html
5006 | Bokeh | bokeh serve, plots | https://docs.bokeh.org/en/latest/docs/user_guide/server/server_introduction.html
5037 | Android Debug Bridge | adb server | https://developer.android.com/tools/adb
5038 | Asterisk | manager interface | https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
5044 | Logstash | Beats input | https://www.elastic.co/docs/reference/logstash/plugins/plugins-inputs-beats
5050 | Apache Mesos | master | https://mesos.apache.org/documentation/latest/configuration/master/
5050 | pgAdmin 4 | server started by hand | https://www.pgadmin.org/docs/pgadmin4/latest/config_py.html
5060/udp | SIP | telephony | RFC 3261
5061 | SIP over TLS | telephony | RFC 3261
5150 | Loco | Rust web application | https://loco.rs/docs/
5173 | Vite | dev server (Vue, SvelteKit, React, …) | https://vite.dev/config/server-options
5201 | iperf3 | measures throughput | https://software.es.net/iperf/invoking.html
5222 | XMPP | clients | RFC 6120, 14.7
5269 | XMPP | servers | RFC 6120, 14.7
5280 | Prosody | HTTP of the XMPP server | https://prosody.im/doc/http
5341 | Seq | log ingestion | https://docs.datalust.co/docs/getting-started-with-docker
5349 | TURN over TLS | relay for WebRTC | RFC 8656
5353/udp | mDNS | names ending in .local (Avahi, Bonjour) | RFC 6762
5355/udp | LLMNR | names on the link | RFC 4795
5432 | PostgreSQL | SQL database | https://www.postgresql.org/docs/current/runtime-config-connection.html
5433 | YugabyteDB | SQL database, PostgreSQL protocol | https://docs.yugabyte.com/preview/reference/configuration/default-ports/
5500 | Live Server (VS Code) | page with reload | https://github.com/ritwickdey/vscode-live-server
5540 | Redis Insight | looks into Redis | https://redis.io/docs/latest/operate/redisinsight/
5552 | RabbitMQ | streams | https://www.rabbitmq.com/docs/networking
5554 | Android Emulator | console of the first one | https://developer.android.com/studio/run/emulator-console
5555 | Android Debug Bridge | a device or emulator | https://developer.android.com/tools/adb
5555 | Celery Flower | looks at tasks | https://flower.readthedocs.io/en/latest/config.html
5555 | Prisma Studio | looks into a database | https://www.prisma.io/docs/orm/tools/prisma-studio
5556 | Dex | identity provider | https://dexidp.io/docs/getting-started/
5601 | Kibana, OpenSearch Dashboards | dashboards | https://www.elastic.co/docs/reference/kibana/configuration-reference/general-settings
5656 | Gel (EdgeDB) | database | https://docs.geldata.com/reference/running/configuration
5665 | Icinga 2 | API and cluster | https://icinga.com/docs/icinga-2/latest/doc/09-object-types/
5666 | NRPE | checks of Nagios | https://github.com/NagiosEnterprises/nrpe
5671 | AMQP over TLS | messages (RabbitMQ) | https://www.rabbitmq.com/docs/networking
5672 | AMQP | messages (RabbitMQ) | https://www.rabbitmq.com/docs/networking
5678 | debugpy | Python debugger as VS Code sets it up | https://code.visualstudio.com/docs/python/debugging
5678 | n8n | workflows | https://docs.n8n.io/hosting/configuration/environment-variables/deployment/
5683/udp | CoAP | small devices | RFC 7252
5684/udp | CoAP over DTLS | small devices | RFC 7252
5701 | Hazelcast | members and clients | https://docs.hazelcast.com/hazelcast/latest/clusters/network-configuration
5778 | Jaeger | sampling strategies | https://www.jaegertracing.io/docs/
5900 | VNC | remote desktop, display 0 | RFC 6143
5901 | VNC | remote desktop, display 1 | RFC 6143
5984 | CouchDB | HTTP API | https://docs.couchdb.org/en/stable/config/http.html
5985 | WinRM | Windows management, HTTP | https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management
5986 | WinRM | Windows management, HTTPS | https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management
"""
