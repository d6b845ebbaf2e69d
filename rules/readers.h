/* The list of all readers: one line each, name in a description and function. */
#ifndef TALLY_READERS_H
#define TALLY_READERS_H

#include "reader.h"

int reader_ansible(struct reader *reader, struct fault *fault);
int reader_ansible_console(struct reader *reader, struct fault *fault);
int reader_aws(struct reader *reader, struct fault *fault);
int reader_ceph(struct reader *reader, struct fault *fault);
int reader_az(struct reader *reader, struct fault *fault);
int reader_clush(struct reader *reader, struct fault *fault);
int reader_docker(struct reader *reader, struct fault *fault);
int reader_dsh(struct reader *reader, struct fault *fault);
int reader_etcdctl(struct reader *reader, struct fault *fault);
int reader_fab(struct reader *reader, struct fault *fault);
int reader_gcloud(struct reader *reader, struct fault *fault);
int reader_helm(struct reader *reader, struct fault *fault);
int reader_ipmipower(struct reader *reader, struct fault *fault);
int reader_kubectl(struct reader *reader, struct fault *fault);
int reader_mco(struct reader *reader, struct fault *fault);
int reader_mussh(struct reader *reader, struct fault *fault);
int reader_nodeset(struct reader *reader, struct fault *fault);
int reader_parallel(struct reader *reader, struct fault *fault);
int reader_pdsh(struct reader *reader, struct fault *fault);
int reader_playbook(struct reader *reader, struct fault *fault);
int reader_powerman(struct reader *reader, struct fault *fault);
int reader_psql(struct reader *reader, struct fault *fault);
int reader_pssh(struct reader *reader, struct fault *fault);
int reader_rsync(struct reader *reader, struct fault *fault);
int reader_scancel(struct reader *reader, struct fault *fault);
int reader_scontrol(struct reader *reader, struct fault *fault);
int reader_scp(struct reader *reader, struct fault *fault);
int reader_sftp(struct reader *reader, struct fault *fault);
int reader_taktuk(struct reader *reader, struct fault *fault);
int reader_terraform(struct reader *reader, struct fault *fault);
int reader_virsh(struct reader *reader, struct fault *fault);

#define READERS                                                                          \
	READER("grammar", reader_grammar)                                                \
	READER("ansible", reader_ansible)                                                \
	READER("ansible-console", reader_ansible_console)                                \
	READER("ansible-playbook", reader_playbook)                                      \
	READER("aws", reader_aws)                                                        \
	READER("ceph", reader_ceph)                                                      \
	READER("az", reader_az)                                                          \
	READER("clush", reader_clush)                                                    \
	READER("docker", reader_docker)                                                  \
	READER("dsh", reader_dsh)                                                        \
	READER("etcdctl", reader_etcdctl)                                                \
	READER("fab", reader_fab)                                                        \
	READER("gcloud", reader_gcloud)                                                  \
	READER("helm", reader_helm)                                                      \
	READER("ipmipower", reader_ipmipower)                                            \
	READER("kubectl", reader_kubectl)                                                \
	READER("mco", reader_mco)                                                        \
	READER("mussh", reader_mussh)                                                    \
	READER("nodeset", reader_nodeset)                                                \
	READER("parallel", reader_parallel)                                              \
	READER("pdsh", reader_pdsh)                                                      \
	READER("powerman", reader_powerman)                                              \
	READER("psql", reader_psql)                                                      \
	READER("pssh", reader_pssh)                                                      \
	READER("rsync", reader_rsync)                                                    \
	READER("scancel", reader_scancel)                                                \
	READER("scontrol", reader_scontrol)                                              \
	READER("scp", reader_scp)                                                        \
	READER("sftp", reader_sftp)                                                      \
	READER("taktuk", reader_taktuk)                                                  \
	READER("terraform", reader_terraform)                                            \
	READER("virsh", reader_virsh)

#endif
