"""The table behind `usual_ports`, ports from 6000: data and nothing else.

Port (`/udp` where it is not TCP), product, what for, source; ordered by port, transport, product.
"""

from __future__ import annotations

TABLE = """\
6000 | X11 | display 0 | https://www.x.org/releases/current/doc/man/man7/X.7.xhtml
6001 | Soketi | WebSockets, Pusher protocol | https://docs.soketi.app/
6005 | Godot | language server | https://docs.godotengine.org/en/stable/tutorials/editor/external_editor.html
6006 | Storybook | UI components | https://storybook.js.org/docs/api/cli-options
6006 | TensorBoard | training curves | https://github.com/tensorflow/tensorboard
6007 | Godot | remote debugger | https://docs.godotengine.org/en/stable/classes/class_editorsettings.html
6010 | OpenSSH | X11 forwarding, the first session | https://man.openbsd.org/sshd_config#X11DisplayOffset
6052 | ESPHome | dashboard | https://esphome.io/guides/getting_started_command_line
6053 | ESPHome | API of a device | https://esphome.io/components/api
6060 | Go | pprof, by habit | https://pkg.go.dev/net/http/pprof
6080 | noVNC | VNC in the browser | https://github.com/novnc/noVNC
6123 | Apache Flink | JobManager | https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/
6222 | NATS | cluster | https://docs.nats.io/running-a-nats-service/configuration
6274 | MCP Inspector | its page | https://github.com/modelcontextprotocol/inspector
6277 | MCP Inspector | proxy | https://github.com/modelcontextprotocol/inspector
6333 | Qdrant | vectors, HTTP | https://qdrant.tech/documentation/guides/configuration/
6334 | Qdrant | vectors, gRPC | https://qdrant.tech/documentation/guides/configuration/
6379 | Redis, Valkey | key-value store | https://redis.io/docs/latest/operate/oss_and_stack/management/config/
6432 | PgBouncer | pool of PostgreSQL connections | https://www.pgbouncer.org/config.html
6443 | Kubernetes | API server (kubeadm, k3s) | https://kubernetes.io/docs/reference/networking/ports-and-protocols/
6514 | syslog over TLS | log messages | RFC 5425
6556 | Checkmk | agent | https://docs.checkmk.com/latest/en/agent_linux.html
6565 | k6 | REST API of a running test | https://grafana.com/docs/k6/latest/using-k6/k6-options/reference/
6566 | SANE | scanners over the network | http://www.sane-project.org/man/saned.8.html
6600 | MPD | music | https://mpd.readthedocs.io/en/stable/user.html
6650 | Apache Pulsar | broker | https://pulsar.apache.org/docs/reference-configuration/
6653 | OpenFlow | switch and controller | https://opennetworking.org/software-defined-standards/specifications/
6667 | IRC | chat | RFC 7194
6697 | IRC over TLS | chat | RFC 7194
6789 | Ceph | monitor | https://docs.ceph.com/en/latest/rados/configuration/network-config-ref/
6789 | Mage | data pipelines | https://docs.mage.ai/getting-started/setup
6800 | aria2 | JSON-RPC | https://aria2.github.io/manual/en/html/aria2c.html
6881 | BitTorrent | peers | https://www.bittorrent.org/beps/bep_0003.html
7000 | Apache Cassandra | between nodes | https://cassandra.apache.org/doc/latest/cassandra/reference/cassandra-yaml.html
7000 | frp | server | https://github.com/fatedier/frp
7001 | Oracle WebLogic | server and console | https://docs.oracle.com/en/middleware/fusion-middleware/weblogic-server/
7007 | Backstage | backend | https://backstage.io/docs/getting-started/
7050 | Hyperledger Fabric | orderer | https://hyperledger-fabric.readthedocs.io/en/latest/
7051 | Hyperledger Fabric | peer | https://hyperledger-fabric.readthedocs.io/en/latest/
7071 | Azure Functions Core Tools | func start | https://learn.microsoft.com/azure/azure-functions/functions-run-local
7077 | Apache Spark | standalone master | https://spark.apache.org/docs/latest/spark-standalone.html
7125 | Moonraker | API of Klipper, 3D printing | https://moonraker.readthedocs.io/en/latest/configuration/
7199 | Apache Cassandra | JMX | https://cassandra.apache.org/doc/latest/
7233 | Temporal | frontend, gRPC | https://docs.temporal.io/references/configuration
7357 | Testem | browser tests (Ember) | https://github.com/testem/testem
7419 | Faktory | job server | https://github.com/contribsys/faktory/wiki
7420 | Faktory | its page | https://github.com/contribsys/faktory/wiki
7473 | Neo4j | HTTPS | https://neo4j.com/docs/operations-manual/current/configuration/ports/
7474 | Neo4j | HTTP and browser | https://neo4j.com/docs/operations-manual/current/configuration/ports/
7681 | ttyd | terminal in the browser | https://github.com/tsl0922/ttyd
7687 | Neo4j, Memgraph | Bolt | https://neo4j.com/docs/operations-manual/current/configuration/ports/
7700 | Meilisearch | search | https://www.meilisearch.com/docs/learn/self_hosted/configure_meilisearch_at_launch
7777 | Terraria | game server | https://terraria.wiki.gg/wiki/Server
7777/udp | Unreal Engine | game server | https://dev.epicgames.com/documentation/en-us/unreal-engine/
7860 | Gradio | interfaces to models | https://www.gradio.app/docs/gradio/interface
7880 | LiveKit | HTTP and WebSocket | https://docs.livekit.io/home/self-hosting/ports-firewall/
7946 | Docker Swarm | gossip between nodes | https://docs.docker.com/engine/swarm/swarm-tutorial/
7990 | Bitbucket Data Center | web | https://confluence.atlassian.com/kb/ports-used-by-atlassian-applications-960136309.html
8000 | Chroma | vectors | https://docs.trychroma.com/docs/cli/run
8000 | Django | manage.py runserver | https://docs.djangoproject.com/en/stable/ref/django-admin/
8000 | DynamoDB Local | AWS emulator | https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html
8000 | Gatsby | gatsby develop | https://www.gatsbyjs.com/docs/reference/gatsby-cli/
8000 | gunicorn | Python web application | https://docs.gunicorn.org/en/stable/settings.html
8000 | JupyterHub | its proxy | https://jupyterhub.readthedocs.io/en/stable/
8000 | Kong | proxy | https://developer.konghq.com/gateway/
8000 | Laravel | php artisan serve | https://laravel.com/docs/installation
8000 | MkDocs | mkdocs serve | https://www.mkdocs.org/user-guide/configuration/
8000 | Python | python -m http.server | https://docs.python.org/3/library/http.server.html
8000 | Rocket | Rust web application | https://rocket.rs/guide/configuration/
8000 | SurrealDB | database | https://surrealdb.com/docs/surrealdb/cli/start
8000 | Symfony | symfony serve | https://symfony.com/doc/current/setup/symfony_cli.html
8000 | uvicorn | Python web application (FastAPI) | https://www.uvicorn.org/settings/
8000 | vLLM | models, OpenAI-like API | https://docs.vllm.ai/en/latest/cli/serve.html
8001 | Datasette | looks into SQLite | https://docs.datasette.io/en/stable/cli-reference.html
8001 | Kong | admin API | https://developer.konghq.com/gateway/
8001 | kubectl proxy | Kubernetes API without login | https://kubernetes.io/docs/reference/kubectl/generated/kubectl_proxy/
8005 | Apache Tomcat | shutdown | https://tomcat.apache.org/tomcat-10.1-doc/config/server.html
8006 | Proxmox VE | web | https://pve.proxmox.com/wiki/Ports
8008 | Synapse | Matrix home server | https://element-hq.github.io/synapse/latest/reverse_proxy.html
8009 | Apache Tomcat | AJP | https://tomcat.apache.org/tomcat-10.1-doc/config/ajp.html
8010 | Buildbot | web | https://docs.buildbot.net/latest/tutorial/firstrun.html
8020 | Hadoop HDFS | NameNode RPC | https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/hdfs-default.xml
8021 | FreeSWITCH | event socket | https://developer.signalwire.com/freeswitch/
8025 | Mailpit | its page, and API | https://mailpit.axllent.org/docs/configuration/runtime-options/
8042 | Hadoop YARN | NodeManager | https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-common/yarn-default.xml
8050 | Plotly Dash | data applications | https://dash.plotly.com/reference
8055 | Directus | content management | https://directus.io/docs/configuration/general
8065 | Mattermost | chat | https://docs.mattermost.com/configure/web-server-configuration-settings.html
8069 | Odoo | web | https://www.odoo.com/documentation/18.0/developer/reference/cli.html
8080 | Apache Airflow | web | https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html
8080 | Apache Tomcat | HTTP | https://tomcat.apache.org/tomcat-10.1-doc/config/http.html
8080 | code-server | VS Code in the browser | https://coder.com/docs/code-server/guide
8080 | Eleventy | dev server | https://www.11ty.dev/docs/dev-server/
8080 | http-server (npm) | files of a directory | https://www.npmjs.com/package/http-server
8080 | Jenkins | web | https://www.jenkins.io/doc/book/installing/initial-settings/
8080 | Keycloak | login | https://www.keycloak.org/server/all-config
8080 | llama.cpp | llama-server, local models | https://github.com/ggml-org/llama.cpp/tree/master/tools/server
8080 | mitmproxy | intercepting proxy | https://docs.mitmproxy.org/stable/
8080 | Spring Boot | web application | https://docs.spring.io/spring-boot/appendix/application-properties/
8080 | Traefik | dashboard and API | https://doc.traefik.io/traefik/
8080 | Trino | coordinator | https://trino.io/docs/current/admin/properties-http-server.html
8080 | Vue CLI, webpack-dev-server | dev server | https://webpack.js.org/configuration/dev-server/
8080 | WireMock | HTTP mocks | https://wiremock.org/docs/standalone/
8081 | Apache Flink | web | https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/
8081 | Confluent Schema Registry | schemas of Kafka | https://docs.confluent.io/platform/current/installation/system-requirements.html
8081 | Metro | bundler of React Native and Expo | https://reactnative.dev/docs/metro
8081 | mitmweb | page of mitmproxy | https://docs.mitmproxy.org/stable/
8081 | Sonatype Nexus | repository | https://help.sonatype.com/en/install-nexus-repository.html
8082 | Confluent REST Proxy | Kafka over HTTP | https://docs.confluent.io/platform/current/installation/system-requirements.html
8082 | H2 | console | https://www.h2database.com/html/tutorial.html
8083 | Kafka Connect | REST API | https://docs.confluent.io/platform/current/installation/system-requirements.html
8085 | Google Cloud CLI | Pub/Sub emulator | https://cloud.google.com/pubsub/docs/emulator
8086 | InfluxDB | time series | https://docs.influxdata.com/influxdb/v2/reference/config-options/
8088 | Apache Superset | dashboards | https://superset.apache.org/docs/
8088 | Hadoop YARN | ResourceManager | https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-common/yarn-default.xml
8088 | ksqlDB | SQL over Kafka | https://docs.confluent.io/platform/current/installation/system-requirements.html
8089 | Locust | load tests | https://docs.locust.io/en/stable/configuration.html
8090 | Confluence | wiki | https://confluence.atlassian.com/kb/ports-used-by-atlassian-applications-960136309.html
8090 | PocketBase | backend | https://pocketbase.io/docs/
8091 | Couchbase | REST and console | https://docs.couchbase.com/server/current/install/install-ports.html
8093 | Couchbase | queries | https://docs.couchbase.com/server/current/install/install-ports.html
8096 | Jellyfin | media | https://jellyfin.org/docs/general/post-install/networking/
8097 | React DevTools | standalone | https://www.npmjs.com/package/react-devtools
8097 | Visdom | plots | https://github.com/fossasia/visdom
8100 | Ionic | ionic serve | https://ionicframework.com/docs/cli/commands/serve
8108 | Typesense | search | https://typesense.org/docs/guide/configure-typesense.html
8111 | TeamCity | builds | https://www.jetbrains.com/help/teamcity/configure-server-installation.html
8118 | Privoxy | filtering proxy | https://www.privoxy.org/user-manual/config.html
8123 | ClickHouse | HTTP | https://clickhouse.com/docs/guides/sre/network-ports
8123 | Home Assistant | home automation | https://www.home-assistant.io/integrations/http/
8125/udp | StatsD | metrics | https://github.com/statsd/statsd
8126 | Datadog Agent | traces | https://docs.datadoghq.com/agent/configuration/network/
8140 | Puppet Server | agents | https://help.puppet.com/core/current/Content/PuppetCore/configuration.htm
8153 | GoCD | web | https://docs.gocd.org/current/
8161 | Apache ActiveMQ | console | https://activemq.apache.org/components/classic/documentation/web-console
8182 | Gremlin Server | graph queries | https://tinkerpop.apache.org/docs/current/reference/#gremlin-server
8188 | ComfyUI | image generation | https://docs.comfy.org/
8200 | Elastic APM Server | traces | https://www.elastic.co/docs/solutions/observability/apm/apm-server/
8200 | HashiCorp Vault | API and page | https://developer.hashicorp.com/vault/docs/configuration/listener/tcp
8201 | HashiCorp Vault | cluster | https://developer.hashicorp.com/vault/docs/configuration/listener/tcp
8211/udp | Palworld | game server | https://docs.palworldgame.com/
8222 | NATS | monitoring | https://docs.nats.io/running-a-nats-service/nats_admin/monitoring
8233 | Temporal | page of the dev server | https://docs.temporal.io/cli/server
8265 | Ray | dashboard and jobs | https://docs.ray.io/en/latest/ray-core/configure.html
8288 | Inngest | dev server | https://www.inngest.com/docs/dev-server
8300 | Consul | RPC of servers | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8301 | Consul | gossip in a datacenter | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8302 | Consul | gossip between datacenters | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8332 | Bitcoin Core | JSON-RPC | https://github.com/bitcoin/bitcoin/blob/master/doc/JSON-RPC-interface.md
8333 | Bitcoin Core | peers | https://github.com/bitcoin/bitcoin
8384 | Syncthing | its page | https://docs.syncthing.net/users/firewall.html
8388 | Shadowsocks | proxy | https://shadowsocks.org/doc/configs.html
8404 | HAProxy | statistics, as its documentation sets it | https://www.haproxy.com/documentation/haproxy-configuration-tutorials/alerts-and-monitoring/statistics/
8428 | VictoriaMetrics | time series | https://docs.victoriametrics.com/victoriametrics/
8429 | vmagent | collects metrics | https://docs.victoriametrics.com/victoriametrics/vmagent/
8443 | Apache Tomcat | HTTPS | https://tomcat.apache.org/tomcat-10.1-doc/ssl-howto.html
8443 | Kong | proxy over TLS | https://developer.konghq.com/gateway/
8448 | Matrix | federation | https://spec.matrix.org/latest/server-server-api/
8474 | Toxiproxy | its API | https://github.com/Shopify/toxiproxy
8500 | Consul | HTTP API and page | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8500 | TensorFlow Serving | gRPC | https://www.tensorflow.org/tfx/serving/docker
8501 | Streamlit | data applications | https://docs.streamlit.io/develop/api-reference/configuration/config.toml
8501 | TensorFlow Serving | REST | https://www.tensorflow.org/tfx/serving/docker
8502 | Consul | gRPC | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8529 | ArangoDB | HTTP API | https://docs.arangodb.com/stable/components/arangodb-server/options/
8545 | Ethereum | JSON-RPC (geth, Hardhat, Anvil) | https://geth.ethereum.org/docs/interacting-with-geth/rpc
8546 | Ethereum | JSON-RPC over WebSocket | https://geth.ethereum.org/docs/interacting-with-geth/rpc
8554 | MediaMTX | RTSP | https://mediamtx.org/docs/
8581 | Homebridge | its page | https://github.com/homebridge/homebridge-config-ui-x
8600 | Consul | DNS | https://developer.hashicorp.com/consul/docs/reference/architecture/ports
8686 | Vector | GraphQL API | https://vector.dev/docs/reference/api/
8761 | Spring Cloud Eureka | service registry | https://docs.spring.io/spring-cloud-netflix/reference/
8765 | AnkiConnect | API of Anki | https://git.sr.ht/~foosoft/anki-connect
8765 | CakePHP | bin/cake server | https://book.cakephp.org/5/en/installation.html
8778 | Jolokia | JMX over HTTP | https://jolokia.org/reference/html/manual/agents.html
8786 | Dask | scheduler | https://docs.dask.org/en/stable/deploying-cli.html
8787 | Dask | dashboard | https://docs.dask.org/en/stable/dashboard.html
8787 | RStudio Server | R in the browser | https://docs.posit.co/ide/server-pro/access_and_security/network_port_and_address.html
8787 | Wrangler | Cloudflare Workers, wrangler dev | https://developers.cloudflare.com/workers/wrangler/configuration/
8793 | Apache Airflow | logs of a worker | https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html
8812 | QuestDB | PostgreSQL protocol | https://questdb.com/docs/configuration/
8834 | Nessus | web | https://docs.tenable.com/nessus/
8848 | Nacos | service registry | https://nacos.io/en/docs/latest/quickstart/quick-start/
8866 | Voilà | notebooks as applications | https://voila.readthedocs.io/en/stable/using.html
8883 | MQTT over TLS | messages | https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html
8888 | Jupyter | notebooks | https://jupyter-server.readthedocs.io/en/latest/other/full-config.html
8888 | MAMP | Apache | https://documentation.mamp.info/
8888 | OpenTelemetry Collector | its own metrics | https://opentelemetry.io/docs/collector/internal-telemetry/
8888 | Spring Cloud Config | configuration server | https://docs.spring.io/spring-cloud-config/reference/
8889 | MAMP | MySQL | https://documentation.mamp.info/
8899 | Solana | RPC of the test validator | https://docs.anza.xyz/
8969 | Sentry Spotlight | sidecar | https://spotlightjs.com/docs/
8978 | CloudBeaver | databases in the browser | https://github.com/dbeaver/cloudbeaver/wiki
8983 | Apache Solr | search | https://solr.apache.org/guide/solr/latest/deployment-guide/installing-solr.html
9000 | Authentik | login | https://docs.goauthentik.io/
9000 | ClickHouse | native protocol | https://clickhouse.com/docs/guides/sre/network-ports
9000 | Graylog | web | https://go2docs.graylog.org/
9000 | MinIO | S3 API | https://github.com/minio/minio
9000 | PHP-FPM | FastCGI | https://www.php.net/manual/en/install.fpm.configuration.php
9000 | Play Framework | web application | https://www.playframework.com/documentation/latest/
9000 | Portainer | Docker in the browser | https://docs.portainer.io/
9000 | QuestDB | web and REST | https://questdb.com/docs/configuration/
9000 | SonarQube | code quality | https://docs.sonarsource.com/sonarqube-server/
9001 | MinIO | console, as its documentation sets it | https://github.com/minio/minio
9001 | Supervisor | its page, as the sample file has it | http://supervisord.org/configuration.html
9003 | Xdebug 3 | PHP debugger, in the editor | https://xdebug.org/docs/step_debug
9009 | ClickHouse | between servers | https://clickhouse.com/docs/guides/sre/network-ports
9010 | Google Cloud CLI | Spanner emulator | https://cloud.google.com/spanner/docs/emulator
9021 | Confluent Control Center | Kafka in the browser | https://docs.confluent.io/platform/current/installation/system-requirements.html
9042 | Apache Cassandra, ScyllaDB | CQL | https://cassandra.apache.org/doc/latest/cassandra/reference/cassandra-yaml.html
9050 | Tor | SOCKS | https://manpages.debian.org/stable/tor/torrc.5.en.html
9051 | Tor | control, as the sample torrc has it | https://manpages.debian.org/stable/tor/torrc.5.en.html
9080 | Apache APISIX | gateway | https://apisix.apache.org/docs/apisix/getting-started/
9083 | Hive Metastore | Thrift | https://hive.apache.org/docs/latest/admin/
9090 | Cockpit | Linux in the browser | https://cockpit-project.org/guide/latest/
9090 | Prometheus | metrics | https://prometheus.io/docs/prometheus/latest/getting_started/
9090 | Reactotron | desktop application for React | https://docs.infinite.red/reactotron/
9091 | Prometheus Pushgateway | metrics of jobs | https://github.com/prometheus/pushgateway
9091 | Transmission | RPC and page | https://github.com/transmission/transmission/blob/main/docs/Editing-Configuration-Files.md
9092 | Apache Kafka, Redpanda | broker | https://kafka.apache.org/documentation/
9093 | Apache Kafka | KRaft controller, as its sample file has it | https://kafka.apache.org/documentation/
9093 | Prometheus Alertmanager | alerts | https://prometheus.io/docs/alerting/latest/alertmanager/
9094 | Prometheus Alertmanager | cluster | https://github.com/prometheus/alertmanager
9099 | Firebase Emulator Suite | Authentication | https://firebase.google.com/docs/emulator-suite/install_and_configure
9100 | Dart and Flutter DevTools | debugger page | https://docs.flutter.dev/tools/devtools/cli
9100 | Prometheus node_exporter | metrics of the machine | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9100 | Raw printing (JetDirect) | printers | https://www.cups.org/doc/network.html
9101 | Bacula, Bareos | director | https://docs.bareos.org/Configuration/Director.html
9102 | Bacula, Bareos | file daemon | https://docs.bareos.org/Configuration/FileDaemon.html
9103 | Bacula, Bareos | storage daemon | https://docs.bareos.org/Configuration/StorageDaemon.html
9104 | Prometheus mysqld_exporter | metrics of MySQL | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9107 | Consul exporter | metrics of Consul | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9113 | NGINX Prometheus exporter | metrics of nginx | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9115 | Prometheus blackbox_exporter | probes | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9117 | Apache exporter | metrics of the Apache web server | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9121 | redis_exporter | metrics of Redis | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9150 | Tor Browser | SOCKS | https://support.torproject.org/
9153 | CoreDNS | metrics | https://coredns.io/plugins/metrics/
9180 | Apache APISIX | admin API | https://apisix.apache.org/docs/apisix/admin-api/
9181 | RQ Dashboard | looks at jobs | https://github.com/Parallels/rq-dashboard
9187 | postgres_exporter | metrics of PostgreSQL | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9199 | Firebase Emulator Suite | Cloud Storage | https://firebase.google.com/docs/emulator-suite/install_and_configure
9200 | Elasticsearch, OpenSearch | HTTP | https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/networking-settings
9216 | mongodb_exporter | metrics of MongoDB | https://github.com/prometheus/prometheus/wiki/Default-port-allocations
9222 | Chrome DevTools Protocol | remote debugging, as its documentation sets it | https://chromedevtools.github.io/devtools-protocol/
9229 | Node.js | inspector; connecting attaches | https://nodejs.org/en/learn/getting-started/debugging
9292 | Rack | rackup, Ruby web application | https://github.com/rack/rackup
9300 | Elasticsearch, OpenSearch | between nodes | https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/networking-settings
9306 | Manticore Search | MySQL protocol | https://manual.manticoresearch.com/Server_settings/Searchd
9308 | Manticore Search | HTTP | https://manual.manticoresearch.com/Server_settings/Searchd
9323 | Playwright | report of a test run | https://playwright.dev/docs/test-reporters
9324 | ElasticMQ | SQS emulator | https://github.com/softwaremill/elasticmq
9333 | SeaweedFS | master | https://github.com/seaweedfs/seaweedfs/wiki
9400 | WordPress Playground | CLI server | https://wordpress.github.io/wordpress-playground/developers/local-development/wp-playground-cli
9411 | Zipkin | traces | https://zipkin.io/pages/quickstart
9418 | Git | git daemon | https://git-scm.com/docs/git-daemon
9428 | VictoriaLogs | logs | https://docs.victoriametrics.com/victorialogs/
9440 | ClickHouse | native protocol over TLS | https://clickhouse.com/docs/guides/sre/network-ports
9443 | Portainer | Docker in the browser, HTTPS | https://docs.portainer.io/
9464 | OpenTelemetry | Prometheus exporter of the SDKs | https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
9500 | figwheel-main | ClojureScript | https://figwheel.org/config-options
9515 | ChromeDriver | WebDriver of Chrome | https://developer.chrome.com/docs/chromedriver/get-started
9600 | Logstash | its API | https://www.elastic.co/docs/reference/logstash/monitoring-logstash
9630 | shadow-cljs | its page | https://shadow-cljs.github.io/docs/UsersGuide.html
9644 | Redpanda | admin API | https://docs.redpanda.com/current/reference/properties/broker-properties/
9695 | Hasura | console of the CLI | https://hasura.io/docs/2.0/hasura-cli/commands/hasura_console/
9864 | Hadoop HDFS | DataNode, web | https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/hdfs-default.xml
9870 | Hadoop HDFS | NameNode, web | https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/hdfs-default.xml
9876 | Apache RocketMQ | name server | https://rocketmq.apache.org/docs/quickStart/01quickstart/
9876 | Karma | browser tests | https://karma-runner.github.io/latest/config/configuration-file.html
9901 | Envoy | admin, as its documentation sets it | https://www.envoyproxy.io/docs/envoy/latest/start/quick-start/admin
9944 | Substrate | JSON-RPC | https://docs.polkadot.com/
9987/udp | TeamSpeak | voice | https://support.teamspeak.com/hc/en-us/articles/360002712257
9990 | WildFly | management | https://docs.wildfly.org/
9993/udp | ZeroTier | overlay network | https://docs.zerotier.com/
9997 | Xinference | models | https://inference.readthedocs.io/
10000 | Apache Hive | HiveServer2 | https://hive.apache.org/docs/latest/admin/
10000 | Azurite | Azure Blob emulator | https://learn.microsoft.com/azure/storage/common/storage-use-azurite
10000 | Webmin | Linux in the browser | https://webmin.com/docs/
10001 | Azurite | Azure Queue emulator | https://learn.microsoft.com/azure/storage/common/storage-use-azurite
10001 | Ray | clients | https://docs.ray.io/en/latest/ray-core/configure.html
10002 | Azurite | Azure Table emulator | https://learn.microsoft.com/azure/storage/common/storage-use-azurite
10050 | Zabbix | agent | https://www.zabbix.com/documentation/current/en/manual/appendix/config/zabbix_agentd
10051 | Zabbix | server | https://www.zabbix.com/documentation/current/en/manual/appendix/config/zabbix_server
10248 | Kubernetes | health of the kubelet | https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
10250 | Kubernetes | kubelet API | https://kubernetes.io/docs/reference/networking/ports-and-protocols/
10256 | Kubernetes | health of kube-proxy | https://kubernetes.io/docs/reference/networking/ports-and-protocols/
10257 | Kubernetes | controller manager | https://kubernetes.io/docs/reference/networking/ports-and-protocols/
10259 | Kubernetes | scheduler | https://kubernetes.io/docs/reference/networking/ports-and-protocols/
10350 | Tilt | its page | https://docs.tilt.dev/cli/tilt_up.html
10800 | Apache Ignite | thin clients | https://ignite.apache.org/docs/latest/thin-clients/getting-started-with-thin-clients
10911 | Apache RocketMQ | broker | https://rocketmq.apache.org/docs/quickStart/01quickstart/
11211 | memcached | cache | https://docs.memcached.org/
11222 | Infinispan | cache | https://infinispan.org/docs/stable/titles/server/server.html
11300 | beanstalkd | queue | https://github.com/beanstalkd/beanstalkd
11311 | ROS 1 | master | https://wiki.ros.org/Master
11371 | HKP | OpenPGP keys | https://datatracker.ietf.org/doc/html/draft-gallagher-openpgp-hkp
11434 | Ollama | local models | https://docs.ollama.com/faq
12201/udp | Graylog | GELF | https://go2docs.graylog.org/
12345 | Grafana Alloy | its page | https://grafana.com/docs/alloy/latest/reference/cli/run/
13133 | OpenTelemetry Collector | health check | https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/healthcheckextension
14250 | Jaeger | collector, gRPC | https://www.jaegertracing.io/docs/
14268 | Jaeger | collector, HTTP | https://www.jaegertracing.io/docs/
15000 | Istio | admin of the Envoy sidecar | https://istio.io/latest/docs/ops/deployment/application-requirements/
15001 | Istio | outbound of the sidecar | https://istio.io/latest/docs/ops/deployment/application-requirements/
15006 | Istio | inbound of the sidecar | https://istio.io/latest/docs/ops/deployment/application-requirements/
15010 | Istio | istiod, xDS in the clear | https://istio.io/latest/docs/ops/deployment/application-requirements/
15012 | Istio | istiod, xDS over TLS | https://istio.io/latest/docs/ops/deployment/application-requirements/
15021 | Istio | health checks | https://istio.io/latest/docs/ops/deployment/application-requirements/
15090 | Istio | Envoy metrics | https://istio.io/latest/docs/ops/deployment/application-requirements/
15672 | RabbitMQ | management | https://www.rabbitmq.com/docs/networking
15692 | RabbitMQ | Prometheus metrics | https://www.rabbitmq.com/docs/networking
16010 | Apache HBase | master, web | https://hbase.apache.org/book.html
16379 | Redis Cluster | bus between nodes | https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
16443 | MicroK8s | Kubernetes API | https://microk8s.io/docs/services-and-ports
16686 | Jaeger | its page | https://www.jaegertracing.io/docs/
17500 | Dropbox | sync in the local network | https://help.dropbox.com/sync/lan-sync-overview
18080 | Apache Spark | history server | https://spark.apache.org/docs/latest/monitoring.html
18083 | EMQX | dashboard | https://docs.emqx.com/en/emqx/latest/dashboard/introduction.html
18888 | .NET Aspire | dashboard | https://aspire.dev/dashboard/
19132/udp | Minecraft Bedrock | game server | https://minecraft.wiki/w/Server.properties
19530 | Milvus | vectors | https://milvus.io/docs
19888 | Hadoop MapReduce | job history, web | https://hadoop.apache.org/docs/stable/hadoop-mapreduce-client/hadoop-mapreduce-client-core/mapred-default.xml
19999 | Netdata | metrics | https://learn.netdata.cloud/docs/
20001 | Kiali | Istio in the browser | https://kiali.io/docs/
21027/udp | Syncthing | discovery | https://docs.syncthing.net/users/firewall.html
22000 | Syncthing | transfers | https://docs.syncthing.net/users/firewall.html
24007 | GlusterFS | management | https://docs.gluster.org/en/latest/
24224 | Fluentd, Fluent Bit | forward | https://docs.fluentd.org/input/forward
24678 | Vite | hot reload beside another server | https://vite.dev/config/server-options
24800 | Deskflow, Input Leap, Synergy | one keyboard for many screens | https://github.com/deskflow/deskflow
25520 | Akka | cluster (Artery) | https://doc.akka.io/libraries/akka-core/current/general/configuration-reference.html
25565 | Minecraft Java | game server | https://minecraft.wiki/w/Server.properties
25575 | Minecraft Java | RCON | https://minecraft.wiki/w/Server.properties
25672 | RabbitMQ | between nodes | https://www.rabbitmq.com/docs/networking
25826/udp | collectd | metrics | https://www.collectd.org/documentation/manpages/collectd.conf.html
26257 | CockroachDB | SQL database, PostgreSQL protocol | https://www.cockroachlabs.com/docs/stable/cockroach-start
26379 | Redis Sentinel | watches over Redis | https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
26656 | CometBFT | peers | https://docs.cometbft.com/
26657 | CometBFT | RPC | https://docs.cometbft.com/
27015/udp | Source engine | game server (Counter-Strike, …) | https://developer.valvesoftware.com/wiki/Source_Dedicated_Server
27017 | MongoDB | document database | https://www.mongodb.com/docs/manual/reference/default-mongodb-port/
27018 | MongoDB | member of a shard | https://www.mongodb.com/docs/manual/reference/default-mongodb-port/
27019 | MongoDB | configuration server | https://www.mongodb.com/docs/manual/reference/default-mongodb-port/
27036 | Steam | remote play | https://help.steampowered.com/en/faqs/view/2EA8-4D75-DA21-31EB
27960/udp | Quake III | game server | https://ioquake3.org/help/sys-admin-guide/
28015 | RethinkDB | clients | https://rethinkdb.com/docs/config-file/
29015 | RethinkDB | between nodes | https://rethinkdb.com/docs/config-file/
29418 | Gerrit | SSH | https://gerrit-review.googlesource.com/Documentation/config-gerrit.html
30000 | SGLang | models, OpenAI-like API | https://docs.sglang.ai/
30000/udp | Luanti (Minetest) | game server | https://docs.luanti.org/
30303 | Ethereum | peers | https://geth.ethereum.org/docs/fundamentals/command-line-options
32400 | Plex | media | https://support.plex.tv/articles/201543147-what-network-ports-do-i-need-to-allow-through-my-firewall/
33060 | MySQL | X Protocol | https://dev.mysql.com/doc/refman/8.4/en/x-plugin-options-system-variables.html
33434/udp | traceroute | the first probe | https://man7.org/linux/man-pages/man8/traceroute.8.html
34115 | Wails | dev server | https://wails.io/docs/reference/cli/
34197/udp | Factorio | game server | https://wiki.factorio.com/Multiplayer
35729 | LiveReload | tells a browser to reload | http://livereload.com/api/protocol/
41641/udp | Tailscale | WireGuard tunnel | https://tailscale.com/kb/1082/firewall-ports
44321 | Performance Co-Pilot | pmcd | https://pcp.readthedocs.io/
47808/udp | BACnet | building automation | https://bacnet.org/
50000 | IBM Db2 | SQL database | https://www.ibm.com/docs/en/db2/11.5
50000 | Jenkins | inbound agents | https://www.jenkins.io/doc/book/security/services/
50051 | gRPC | the port of its examples | https://grpc.io/docs/languages/python/quickstart/
51204 | Vitest | its UI | https://vitest.dev/config/
51413 | Transmission | BitTorrent peers | https://github.com/transmission/transmission/blob/main/docs/Editing-Configuration-Files.md
51820/udp | WireGuard | tunnel | https://www.wireguard.com/quickstart/
54321 | H2O | machine learning | https://docs.h2o.ai/
54321 | Supabase CLI | API | https://supabase.com/docs/guides/local-development/cli/config
54322 | Supabase CLI | PostgreSQL | https://supabase.com/docs/guides/local-development/cli/config
54323 | Supabase CLI | Studio | https://supabase.com/docs/guides/local-development/cli/config
54324 | Supabase CLI | mail catcher | https://supabase.com/docs/guides/local-development/cli/config
55679 | OpenTelemetry Collector | zPages | https://github.com/open-telemetry/opentelemetry-collector/tree/main/extension/zpagesextension
58846 | Deluge | daemon | https://deluge.readthedocs.io/
60000/udp | Mosh | remote shell, first of 60000-61000 | https://mosh.org/
61000 | Ladle | UI components | https://ladle.dev/docs/config
61208 | Glances | its page | https://glances.readthedocs.io/en/latest/quickstart.html
61209 | Glances | its XML-RPC server | https://glances.readthedocs.io/en/latest/quickstart.html
61613 | STOMP | messages (ActiveMQ, RabbitMQ) | https://www.rabbitmq.com/docs/networking
61616 | Apache ActiveMQ | OpenWire | https://activemq.apache.org/components/classic/documentation/uri-protocols
62893 | Homeport | kept for its own gateway | the documentation of Homeport, `the home port`
63315 | Vitest | browser mode | https://vitest.dev/config/
63342 | JetBrains IDEs | built-in web server | https://www.jetbrains.com/help/idea/settings-debugger.html
64738 | Mumble | voice | https://www.mumble.info/documentation/administration/config-file/
"""
