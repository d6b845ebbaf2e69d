/*
 * kubectl lines: what is asked of the cluster, and what comes of its answers. The answers
 * are what kubectl 1.32 printed; the corpus runs the client itself.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostset.h"
#include "judge.h"
#include "kubectl.h"
#include "reading_sum.h"
#include "tap.h"
#include "words.h"

/* COLUMNS, DESCRIBED ... stand for the long --output options: see short_probe(). */
struct answer {
	const char *probe, *output; /* output NULL: it fails */
};

struct row {
	const char *line;
	const char *action;
	const char *targets; /* folded; NULL: unknown */
	const char *effect;  /* "pod 6", "?" unknown, "" none */
	const char *flags;   /* e everything, i irreversible, r refused */
	struct answer answers[4];
};

#define GET "get --ignore-not-found --no-headers "
#define CREATE "create --dry-run=client --validate=false "
#define NONE " <none>"
#define NONE3 NONE NONE NONE
/* A line of columns: API KIND IN NAME WANTED PODS PLANNED CORDONED OWNER-KIND OWNER ACTIVE */
#define DEPLOY(space, name, pods)                                                        \
	"apps/v1 Deployment " space " " name " " pods " " pods NONE3 NONE NONE "\n"
#define STS(space, name, pods)                                                           \
	"apps/v1 StatefulSet " space " " name " " pods " " pods NONE3 NONE NONE "\n"
#define RS(space, name, pods, owner)                                                     \
	"apps/v1 ReplicaSet " space " " name " " pods " " pods NONE NONE                 \
	" Deployment " owner NONE "\n"
#define DS(space, name, pods)                                                            \
	"apps/v1 DaemonSet " space " " name NONE NONE " " pods NONE3 NONE "\n"
#define POD(space, name, owner)                                                          \
	"v1 Pod " space " " name NONE3 NONE " ReplicaSet " owner NONE "\n"
#define NODE(name, cordoned) "v1 Node <none> " name NONE3 " " cordoned NONE3 "\n"
#define PLAIN(api, kind, space, name)                                                    \
	api " " kind " " space " " name NONE3 NONE3 NONE "\n"
#define FILE_LINE(api, kind, space, name, pods)                                          \
	api "\t" kind "\t" space "\t" name "\t" pods "\n"

static const struct row rows[] = {
	/* The grammar: nothing is asked where kubectl refuses, or only shows. */
	{"kubectl", "read", "", "", "", {{0}}},
	{"kubectl delete --help", "read", "", "", "", {{0}}},
	{"kubectl version", "read", "", "", "", {{0}}},
	{"kubectl config use-context prod", "read", "", "", "", {{0}}},
	{"kubectl log web", "run", NULL, "", "", {{0}}},
	{"kubectl nuke --all", "run", NULL, "", "", {{0}}},
	{"kubectl delete", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete pods", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete pods -l ''", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete pods --all -l app=web", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete pod a --all", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete pod a -A", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete po --al", "remove", NULL, "", "", {{0}}},
	{"kubectl delete po a --dry-run=x", "remove", NULL, "", "r", {{0}}},
	{"kubectl delete po a --dry-run=client", "read", "", "", "", {{0}}},
	{"kubectl delete po a --dry-run=none --dry-run", "read", "", "", "", {{0}}},
	{"kubectl delete po a --dry-run=t", "read", "", "", "", {{0}}},
	{"kubectl set env deploy web --list", "read", "", "", "", {{0}}},
	{"kubectl scale deploy web", "scale", NULL, "", "r", {{0}}},
	{"kubectl scale deploy web --replicas=-1", "scale", NULL, "", "r", {{0}}},
	{"kubectl scale deploy web --replicas=1x", "scale", NULL, "", "r", {{0}}},
	{"kubectl drain", "remove", NULL, "", "r", {{0}}},
	{"kubectl drain n1 -l a=b", "remove", NULL, "", "r", {{0}}},
	{"kubectl rollout restart", "restart", NULL, "", "r", {{0}}},
	{"kubectl proxy", "run", NULL, "", "", {{0}}},
	{"kubectl delete -f /dev/fd/63", "remove", NULL, "", "", {{0}}},
	{"kubectl delete -f -", "remove", NULL, "", "", {{0}}},
	{"kubectl create deploy web --image=x -n prod -- sleep 1",
	 "config",
	 "prod/deployments.apps/web",
	 "",
	 "",
	 {{0}}},
	{"kubectl create cm a --append-hash -n prod",
	 "config",
	 "prod/configmaps/*",
	 "",
	 "",
	 {{0}}},
	{"kubectl run x --image=y", "run", "default/pods/x", "", "", {{0}}},
	{"kubectl exec -n prod web-0 -- kubectl delete ns prod",
	 "run",
	 "prod/pods/web-0",
	 "",
	 "",
	 {{0}}},
	{"kubectl cp a prod/web-0:/tmp/a", "config", "prod/pods/web-0", "", "", {{0}}},
	{"kubectl cp prod/web-0:/tmp/a a", "read", "prod/pods/web-0", "", "", {{0}}},

	/* Delete. */
	{"kubectl delete po a b -n prod",
	 "remove",
	 "prod/pods/a,prod/pods/b",
	 "",
	 "",
	 {{GET "--namespace=prod COLUMNS -- po a b",
	   POD("prod", "a", "x") POD("prod", "b", "x")}}},
	{"kubectl delete po -Anprod -l a=b -lc=d",
	 "remove",
	 "prod/pods/a",
	 "",
	 "",
	 {{GET "--namespace=prod --all-namespaces --selector=c=d COLUMNS -- po",
	   POD("prod", "a", "x")}}},
	{"kubectl --context=c1 --as=bob -s=http://h delete po/a --force",
	 "remove",
	 "default/pods/a",
	 "",
	 "i",
	 {{"get --ignore-not-found --no-headers --context=c1 --as=bob --server=http://h "
	   "COLUMNS -- po/a",
	   POD("default", "a", "x")}}},
	{"kubectl delete po a --grace-period=0",
	 "remove",
	 "default/pods/a",
	 "",
	 "i",
	 {{GET "COLUMNS -- po a", POD("default", "a", "x")}}},
	{"kubectl delete po a --now=false",
	 "remove",
	 "default/pods/a",
	 "",
	 "",
	 {{GET "COLUMNS -- po a", POD("default", "a", "x")}}},
	{"kubectl delete po nosuch",
	 "remove",
	 "",
	 "",
	 "",
	 {{GET "COLUMNS -- po nosuch", ""}}},
	{"kubectl delete po a", "remove", NULL, "", "", {{GET "COLUMNS -- po a", NULL}}},
	{"kubectl delete po a",
	 "remove",
	 NULL,
	 "",
	 "",
	 {{GET "COLUMNS -- po a", "something else\n"}}},
	{"kubectl delete po --all -A",
	 "remove",
	 "a/pods/x,b/pods/x",
	 "",
	 "e",
	 {{GET "--all-namespaces COLUMNS -- po", POD("a", "x", "y") POD("b", "x", "y")}}},
	{"kubectl delete deploy web",
	 "remove",
	 "default/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("default", "web", "6")}}},
	{"kubectl delete deploy web --cascade=orphan",
	 "remove",
	 "default/deployments.apps/web",
	 "",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("default", "web", "6")}}},
	{"kubectl delete ds x",
	 "remove",
	 "d/daemonsets.apps/x",
	 "pod 15",
	 "",
	 {{GET "COLUMNS -- ds x", DS("d", "x", "15")}}},
	/* A pod, its replica set and its deployment together are one pod. */
	{"kubectl delete all -l app=web -n p",
	 "remove",
	 "p/deployments.apps/web,p/pods/web-1-a,p/replicasets.apps/web-1",
	 "pod 1",
	 "",
	 {{GET "--namespace=p --selector=app=web COLUMNS -- all",
	   POD("p", "web-1-a", "web-1") DEPLOY("p", "web", "2")
		   RS("p", "web-1", "2", "web")}}},
	{"kubectl delete certs --all",
	 "remove",
	 "d/certificates.cert-manager.io/x",
	 "",
	 "e",
	 {{GET "COLUMNS -- certs", PLAIN("cert-manager.io/v1", "Certificate", "d", "x")},
	  {"api-resources --cached --no-headers",
	   "certificates cert,certs cert-manager.io/v1 true Certificate\n"}}},
	{"kubectl delete ns prod",
	 "remove",
	 "namespaces/prod",
	 "object 2",
	 "",
	 {{GET "COLUMNS -- ns prod", PLAIN("v1", "Namespace", "<none>", "prod")},
	  {"api-resources --cached --namespaced --verbs=list --output=name",
	   "pods\nevents\ndeployments.apps\n"},
	  {GET "--namespace=prod --output=name -- pods,deployments.apps",
	   "pod/a\ndeployment.apps/b\n"}}},
	{"kubectl delete ns a b",
	 "remove",
	 "namespaces/a,namespaces/b",
	 "object 3",
	 "",
	 {{GET "COLUMNS -- ns a b", PLAIN("v1", "Namespace", "<none>", "a")
					    PLAIN("v1", "Namespace", "<none>", "b")},
	  {"api-resources --cached --namespaced --verbs=list --output=name", "pods\n"},
	  {GET "--all-namespaces --output=custom-columns=IN:.metadata.namespace -- pods",
	   "a\nb\nc\na\n"}}},
	/* What is in it is not known: then the effect is unknown, and never nothing. */
	{"kubectl delete ns prod",
	 "remove",
	 "namespaces/prod",
	 "?",
	 "",
	 {{GET "COLUMNS -- ns prod", PLAIN("v1", "Namespace", "<none>", "prod")},
	  {"api-resources --cached --namespaced --verbs=list --output=name", NULL}}},
	{"kubectl delete crd a.b.c",
	 "remove",
	 "customresourcedefinitions.apiextensions.k8s.io/a.b.c",
	 "object 2",
	 "",
	 {{GET "COLUMNS -- crd a.b.c",
	   PLAIN("apiextensions.k8s.io/v1", "CustomResourceDefinition", "<none>",
		 "a.b.c")},
	  {GET "--all-namespaces --output=name -- a.b.c", "a.b.c/x\na.b.c/y\n"}}},
	{"kubectl delete -f x.yaml -n prod",
	 "remove",
	 "prod/services/a",
	 "",
	 "",
	 {{GET "--namespace=prod --filename=x.yaml COLUMNS",
	   PLAIN("v1", "Service", "prod", "a") PLAIN("v1", "Service", "prod", "a")}}},
	{"kubectl delete -f x.yaml",
	 "remove",
	 NULL,
	 "",
	 "",
	 {{GET "--filename=x.yaml COLUMNS", PLAIN("v1", "Pod", "prod", "<none>")}}},
	{"kubectl delete --raw /api/v1/namespaces/prod/pods",
	 "remove",
	 "prod/pods/a,prod/pods/b",
	 "",
	 "e",
	 {{GET "--namespace=prod COLUMNS -- pods",
	   POD("prod", "a", "x") POD("prod", "b", "x")}}},
	{"kubectl delete --raw /api/v1/namespaces/prod/pods?labelSelector=a%3Db",
	 "remove",
	 "prod/pods/a",
	 "",
	 "",
	 {{GET "--namespace=prod --selector=a=b COLUMNS -- pods",
	   POD("prod", "a", "x")}}},
	{"kubectl delete --raw /apis/apps/v1/namespaces/p/deployments/web",
	 "remove",
	 "p/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "--namespace=p COLUMNS -- deployments.apps web",
	   DEPLOY("p", "web", "6")}}},
	{"kubectl delete --raw /api/v1/namespaces/p/pods?dryRun=All",
	 "read",
	 "",
	 "",
	 "",
	 {{0}}},
	{"kubectl delete --raw /healthz", "remove", NULL, "", "", {{0}}},
	{"kubectl create --raw /api/v1/namespaces/p/pods/a/eviction -f x",
	 "remove",
	 "p/pods/a",
	 "",
	 "",
	 {{GET "--namespace=p COLUMNS -- pods a", POD("p", "a", "x")}}},

	/* Nodes. */
	{"kubectl drain n1 --ignore-daemonsets",
	 "remove",
	 "nodes/n1",
	 "pod 1",
	 "",
	 {{GET "COLUMNS -- nodes/n1", NODE("n1", "<none>")},
	  {GET "--all-namespaces --field-selector=spec.nodeName=n1 PODS -- pods",
	   "n1 ReplicaSet <none>\nn1 DaemonSet <none>\nn1 <none> hash\n"}}},
	{"kubectl drain n1 no/n2 --force",
	 "remove",
	 "nodes/n[1-2]",
	 "pod 2",
	 "i",
	 {{GET "COLUMNS -- nodes/n1 no/n2", NODE("n1", "<none>") NODE("n2", "true")},
	  {GET "--all-namespaces PODS -- pods",
	   "n1 ReplicaSet <none>\nn2 Job <none>\nn3 Job <none>\n<none> Job <none>\n"}}},
	{"kubectl drain po/a",
	 "remove",
	 NULL,
	 "",
	 "r",
	 {{GET "COLUMNS -- po/a", POD("d", "a", "x")}}},
	{"kubectl cordon -l a=b",
	 "stop",
	 "nodes/n1",
	 "",
	 "",
	 {{GET "--selector=a=b COLUMNS -- nodes",
	   NODE("n1", "<none>") NODE("n2", "true")}}},
	{"kubectl uncordon n1 n2",
	 "restore",
	 "nodes/n2",
	 "",
	 "",
	 {{GET "COLUMNS -- nodes/n1 nodes/n2", NODE("n1", "<none>") NODE("n2", "true")}}},
	{"kubectl uncordon n1",
	 "config",
	 "",
	 "",
	 "",
	 {{GET "COLUMNS -- nodes/n1", NODE("n1", "<none>")}}},
	{"kubectl taint nodes n1 a=b:NoSchedule",
	 "stop",
	 "nodes/n1",
	 "",
	 "",
	 {{GET "COLUMNS -- nodes n1", NODE("n1", "<none>")}}},
	{"kubectl taint nodes n1 a=b:NoExecute",
	 "remove",
	 "nodes/n1",
	 "pod 2",
	 "",
	 {{GET "COLUMNS -- nodes n1", NODE("n1", "<none>")},
	  {GET "--all-namespaces --field-selector=spec.nodeName=n1 PODS -- pods",
	   "n1 ReplicaSet <none>\nn1 DaemonSet <none>\nn1 <none> hash\n"}}},
	{"kubectl taint nodes n1 a:NoExecute-",
	 "config",
	 "nodes/n1",
	 "",
	 "",
	 {{GET "COLUMNS -- nodes n1", NODE("n1", "<none>")}}},
	{"kubectl label nodes --all pool-",
	 "config",
	 "nodes/n1",
	 "",
	 "e",
	 {{GET "COLUMNS -- nodes", NODE("n1", "<none>")}}},

	/* Sizes. */
	{"kubectl scale deploy/web --replicas=2",
	 "scale",
	 "d/deployments.apps/web",
	 "pod 4",
	 "",
	 {{GET "COLUMNS -- deploy/web", DEPLOY("d", "web", "6")}}},
	{"kubectl scale deploy/web --replicas 010",
	 "scale",
	 "d/deployments.apps/web",
	 "pod -2",
	 "",
	 {{GET "COLUMNS -- deploy/web", DEPLOY("d", "web", "6")}}},
	{"kubectl scale deploy --all --replicas=3 --current-replicas=6",
	 "scale",
	 "d/deployments.apps/web",
	 "pod 3",
	 "e",
	 {{GET "COLUMNS -- deploy", DEPLOY("d", "web", "6") DEPLOY("d", "api", "4")}}},
	{"kubectl scale foo/web --replicas=0",
	 "scale",
	 "d/foos.x.k8s.io/web",
	 "?",
	 "",
	 {{GET "COLUMNS -- foo/web", PLAIN("x.k8s.io/v1", "Foo", "d", "web")}}},
	{"kubectl autoscale deploy web --max=3",
	 "scale",
	 "d/horizontalpodautoscalers.autoscaling/*",
	 "pod 5",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web -p '{\"spec\":{\"replicas\":0}}'",
	 "scale",
	 "d/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web --type=json -p "
	 "'[{\"op\":\"remove\",\"path\":\"/spec/replicas\"}]'",
	 "scale",
	 "d/deployments.apps/web",
	 "pod 5",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web --type=json -p "
	 "'[{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/spec/replicas\"}]'",
	 "scale",
	 NULL,
	 "",
	 "",
	 {{0}}},
	{"kubectl patch deploy web -p '{\"spec\":{\"replicas\":\"none\"}}'",
	 "scale",
	 "d/deployments.apps/web",
	 "?",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web -p '{\"spec\":{\"template\":{}}}'",
	 "restart",
	 "d/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web -p '{\"metadata\":{}}'",
	 "config",
	 "d/deployments.apps/web",
	 "",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl patch deploy web -p '{'", "scale", NULL, "", "", {{0}}},
	{"kubectl patch node n1 -p '{\"spec\":{\"unschedulable\":true}}'",
	 "stop",
	 "nodes/n1",
	 "",
	 "",
	 {{GET "COLUMNS -- node n1", NODE("n1", "<none>")}}},
	{"kubectl apply -f x.yaml",
	 "scale",
	 "d/configmaps/a,d/deployments.apps/web",
	 "pod 6",
	 "",
	 {{CREATE "--filename=x.yaml DESCRIBED",
	   FILE_LINE("apps/v1", "Deployment", "d", "web", "0")
		   FILE_LINE("v1", "ConfigMap", "d", "a", "")},
	  {GET "--filename=x.yaml COLUMNS",
	   DEPLOY("d", "web", "6") PLAIN("v1", "ConfigMap", "d", "a")}}},
	{"kubectl apply -f x.yaml",
	 "config",
	 "d/deployments.apps/web",
	 "",
	 "",
	 {{CREATE "--filename=x.yaml DESCRIBED",
	   FILE_LINE("apps/v1", "Deployment", "d", "web", "6")},
	  {GET "--filename=x.yaml COLUMNS", DEPLOY("d", "web", "6")}}},
	{"kubectl apply -f x.yaml --prune -l a=b",
	 "remove",
	 "d/configmaps/a,d/configmaps/b",
	 "",
	 "",
	 {{CREATE "--filename=x.yaml --selector=a=b DESCRIBED",
	   FILE_LINE("v1", "ConfigMap", "d", "a", "")},
	  {"apply --dry-run=client --validate=false --filename=x.yaml --prune=true "
	   "--selector=a=b DESCRIBED",
	   FILE_LINE("v1", "List", "", "", "")
		   FILE_LINE("v1", "ConfigMap", "d", "b", "")}}},
	{"kubectl replace --force -f x.yaml",
	 "remove",
	 "d/configmaps/a,d/deployments.apps/web",
	 "pod 6",
	 "i",
	 {{CREATE "--filename=x.yaml DESCRIBED",
	   FILE_LINE("apps/v1", "Deployment", "d", "web", "0")
		   FILE_LINE("v1", "ConfigMap", "d", "a", "")},
	  {GET "--filename=x.yaml COLUMNS", DEPLOY("d", "web", "6")}}},

	/* Restarts. */
	{"kubectl rollout restart deploy",
	 "restart",
	 "d/deployments.apps/api,d/deployments.apps/web",
	 "pod 10",
	 "e",
	 {{GET "COLUMNS -- deploy", DEPLOY("d", "web", "6") DEPLOY("d", "api", "4")}}},
	{"kubectl rollout restart deploy,sts -l a=b",
	 "restart",
	 "d/deployments.apps/web,d/statefulsets.apps/db",
	 "pod 9",
	 "",
	 {{GET "--selector=a=b COLUMNS -- deploy,sts",
	   DEPLOY("d", "web", "6") STS("d", "db", "3")}}},
	{"kubectl set image deploy web 'main=x:2' '*=y'",
	 "restart",
	 "d/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl set sa deploy web robot",
	 "restart",
	 "d/deployments.apps/web",
	 "pod 6",
	 "",
	 {{GET "COLUMNS -- deploy web", DEPLOY("d", "web", "6")}}},
	{"kubectl rollout pause deploy/web",
	 "config",
	 "d/deployments.apps/web",
	 "",
	 "",
	 {{GET "COLUMNS -- deploy/web", DEPLOY("d", "web", "6")}}},

	/* One pod of a deployment: the one that has been ready for longest. */
	{"kubectl exec deploy/web -- ls",
	 "run",
	 "d/pods/b",
	 "",
	 "",
	 {{"get SELECTOR -- deploy/web", "d\napp=web\n"},
	  {GET "--namespace=d --selector=app=web CANDIDATES -- pods",
	   "d a n1 Running True 2025-01-02T00:00:00Z 2025-01-01T00:00:00Z 0\n"
	   "d b n1 Running True 2025-01-01T00:00:00Z 2025-01-01T00:00:00Z 0,3\n"
	   "d c n1 Running False 2024-01-01T00:00:00Z 2024-01-01T00:00:00Z 0\n"
	   "d d <none> Pending <none> <none> 2024-01-01T00:00:00Z <none>\n"}}},
	{"kubectl exec deploy/web -- ls",
	 "run",
	 NULL,
	 "",
	 "r",
	 {{"get SELECTOR -- deploy/web", "d\napp=web\n"},
	  {GET "--namespace=d --selector=app=web CANDIDATES -- pods", ""}}},
	{"kubectl exec deploy/web -- ls",
	 "run",
	 NULL,
	 "",
	 "",
	 {{"get SELECTOR -- deploy/web", "d\n?\n"}}},

	/* Reads are counted as well; `get -o name` in the words of the client. */
	{"kubectl get po -A -oname",
	 "read",
	 "pod/a,pod/b",
	 "",
	 "",
	 {{"get --output=name --all-namespaces -- po", "pod/a\npod/b\npod/a\n"}}},
	{"kubectl get --raw /api/v1/nodes", "read", NULL, "", "", {{0}}},
	{"kubectl logs -l app=web",
	 "read",
	 "d/pods/a",
	 "",
	 "",
	 {{GET "--selector=app=web COLUMNS -- pods", POD("d", "a", "x")}}},
};

static const char *directories[2];

/* The words of a probe behind the program, with the long ones by name. */
static const char *short_probe(struct arena *arena, const char *const *argv)
{
	static const char output[] = "--output=custom-columns=";
	const char *text = "";

	for (argv++; *argv; argv++) {
		const char *word = *argv;

		if (strncmp(word, "--output=jsonpath=", 18) == 0)
			word = "DESCRIBED";
		else if (strncmp(word, "--output=go-template=", 21) == 0)
			word = "SELECTOR";
		else if (strncmp(word, output, sizeof(output) - 1) == 0) {
			const char *first = word + sizeof(output) - 1;

			if (strcmp(first, kube_columns) == 0)
				word = "COLUMNS";
			else if (strncmp(first, "NODE:", 5) == 0)
				word = "PODS";
			else if (strstr(first, "RESTARTS:"))
				word = "CANDIDATES";
		}
		text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", word);
	}
	return text;
}

static void answer_one(struct arena *arena, const struct row *row, struct facts *facts)
{
	const struct need *need = &facts->missing[0];
	struct fact fact = {.need = *need, .state = FACT_ABSENT, .data = ""};

	if (need->kind == FACT_STDIN)
		fact.state = FACT_TERMINAL;
	if (need->kind == FACT_PROBE) {
		const char *probe = short_probe(arena, need->argv);

		fact.state = FACT_FAILED;
		fact.status = 1;
		fact.error = "unanswered";
		for (size_t i = 0; i < 4 && row->answers[i].probe; i++) {
			if (strcmp(row->answers[i].probe, probe) != 0)
				continue;
			fact.error = "refused";
			if (!row->answers[i].output)
				continue;
			fact.state = FACT_OK;
			fact.status = 0;
			fact.data = row->answers[i].output;
			fact.length = strlen(fact.data);
		}
		if (strcmp(fact.error, "unanswered") == 0 && fact.state != FACT_OK)
			printf("# no answer for: %s\n", probe);
	}
	facts_answer(facts, &fact);
}

static const char *flags_of(struct arena *arena, const struct reading *reading)
{
	bool everything = false, irreversible = false;

	for (size_t i = 0; i < reading->count; i++) {
		everything |= reading->operations[i].everything;
		irreversible |= reading->operations[i].irreversible;
	}
	return arena_printf(arena, "%s%s%s", everything ? "e" : "",
			    irreversible ? "i" : "", reading->refused ? "r" : "");
}

static const char *effect_of(struct arena *arena, const struct reading *reading,
			     const struct reading_sum *sum)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->operations[i].effect.unit &&
		    !reading->operations[i].effect.known)
			return "?";
	return sum->effect_known ? arena_printf(arena, "%s %lld", sum->effect_unit,
						(long long)sum->effect)
				 : "";
}

static void check(const struct row *row)
{
	struct arena *arena = arena_new((size_t)1 << 28);
	struct rules *rules = NULL;
	struct facts facts;
	struct fault fault = {0};
	struct reading reading = {0};
	struct reading_sum sum = {0};
	static const char *const env[] = {"HOME=/home/u", NULL};
	struct command command = {.env = env, .cwd = "/w"};
	const char *folded = NULL, *wanted = row->targets;
	int result = 1;
	bool good;

	command.argv = words_split(arena, row->line, &command.argc, &fault);
	facts_init(&facts, arena);
	if (command.argv && rules_open(arena, directories, &rules, &fault) == 0)
		for (int round = 0; round < 64 && result == 1; round++) {
			while (round && facts.missing_count)
				answer_one(arena, row, &facts);
			result = judge_read(arena, rules, &command, &facts, &reading,
					    &fault);
		}
	if (result == 0)
		result = reading_add_up(arena, &reading, &sum);
	if (result == 0 && sum.set)
		folded = hostset_fold(arena, sum.set);
	good = result == 0 && strcmp(action_name(reading.action), row->action) == 0 &&
	       strcmp(effect_of(arena, &reading, &sum), row->effect) == 0 &&
	       strcmp(flags_of(arena, &reading), row->flags) == 0 &&
	       (wanted && folded ? strcmp(wanted, folded) == 0 : wanted == folded);
	ok(good, "%s", row->line);
	if (!good)
		printf("#   expected: %s %s, effect \"%s\", flags \"%s\"\n"
		       "#   found:    %s %s, effect \"%s\", flags \"%s\" (%s)\n",
		       row->action, wanted ? wanted : "unknown", row->effect, row->flags,
		       result == 0 ? action_name(reading.action) : fault.text,
		       folded ? folded : "unknown", effect_of(arena, &reading, &sum),
		       flags_of(arena, &reading), sum.unknown ? sum.unknown : "");
	arena_free(arena);
}

/* In the gate a read is not counted: it must not wait for the cluster. */
static void check_reads_ask_nothing(void)
{
	static const char *const lines[] = {"kubectl get pods -A -o name",
					    "kubectl get -f x.yaml",
					    "kubectl describe nodes",
					    "kubectl logs deploy/web",
					    "kubectl rollout status ds",
					    "kubectl wait --for=delete po/a",
					    "kubectl top pods",
					    "kubectl diff -f x.yaml"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 26);
		struct command command = {.cwd = "/w"};
		struct rules *rules = NULL;
		struct facts facts;
		struct fault fault = {0};
		struct reading reading = {0};
		int result = -1;

		command.argv = words_split(arena, lines[i], &command.argc, &fault);
		facts_init(&facts, arena);
		facts.reads_uncounted = true;
		if (command.argv && rules_open(arena, directories, &rules, &fault) == 0)
			result = judge_read(arena, rules, &command, &facts, &reading,
					    &fault);
		ok(result == 0 && reading.action == ACTION_READ && !facts.missing_count,
		   "%s: asks nothing in the gate", lines[i]);
		arena_free(arena);
	}
}

int main(void)
{
	char *cwd = getcwd(NULL, 0);
	char path[4096];

	snprintf(path, sizeof(path), "%s/rules", cwd ? cwd : ".");
	free(cwd);
	directories[0] = path;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
	check_reads_ask_nothing();
	return done();
}
