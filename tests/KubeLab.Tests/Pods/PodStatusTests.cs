using k8s;
using k8s.Models;
using KubeLab.Engine.Pods;

namespace KubeLab.Tests.Pods;

public sealed class PodStatusTests
{
    // From kubernetes pkg/printers/internalversion/printers_test.go, TestPrintPod and similar tests.
    [Theory]
    [InlineData("Running 1/2 6",
        """{"phase":"Running","containerStatuses":[{"name":"a","ready":true,"restartCount":3,"state":{"running":{}}},{"name":"b","restartCount":3}]}""")]
    [InlineData("CrashLoopBackOff 0/2 7",
        """{"phase":"Running","containerStatuses":[{"name":"a","restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""")]
    [InlineData("OOMKilled 0/2 0", """{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}""")]
    [InlineData("ExitCode:3 0/2 0", """{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}}]}""")]
    [InlineData("Signal:9 0/2 0", """{"phase":"Failed","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":137,"signal":9}}}]}""")]
    [InlineData("Completed 0/2 0", """{"phase":"Succeeded","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""")]
    [InlineData("NotReady 1/2 0",
        """{"phase":"Running","containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","ready":true"""
            + ""","state":{"running":{}}}]}""")]
    [InlineData("Running 1/2 0",
        """{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0"""
            + ""","reason":"Completed"}}},{"name":"b","ready":true,"state":{"running":{}}}]}""")]
    [InlineData("Evicted 0/2 0", """{"phase":"Failed","reason":"Evicted"}""")]
    [InlineData("Pending 0/2 0", """{"phase":"Pending"}""")]
    [InlineData("SchedulingGated 0/2 0", """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]}""")]
    [InlineData("Init:0/1 0/2 0", """{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}""", """[{"name":"i"}]""")]
    [InlineData("Init:0/1 0/2 0", """{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"PodInitializing"}}}]}""",
        """[{"name":"i"}]""")]
    [InlineData("Init:CrashLoopBackOff 0/2 4",
        """{"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""",
        """[{"name":"i"}]""")]
    [InlineData("Init:Error 0/2 0", """{"phase":"Failed","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}""",
        """[{"name":"i"}]""")]
    [InlineData("PodInitializing 0/2 1",
        """{"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":0}}}],"containerStatuses":["""
            + """{"name":"a","restartCount":1,"state":{"waiting":{"reason":"PodInitializing"}}}]}""", """[{"name":"i"}]""")]
    [InlineData("Running 2/3 3",
        """{"phase":"Running","initContainerStatuses":[{"name":"s","started":true,"ready":true,"restartCount":2,"state":{"running":{}}}]"""
            + ""","containerStatuses":[{"name":"a","ready":true,"restartCount":1,"state":{"running":{}}}]}""", """[{"name":"s","restartPolicy":"Always"}]""")]
    public void The_status_is_the_same_as_in_kubectl(string expected, string status, string inits = "[]") => Assert.Equal(expected, Print(status, inits, ""));

    [Theory]
    [InlineData("Terminating", """{"phase":"Running"}""")]
    [InlineData("Unknown", """{"phase":"Running","reason":"NodeLost"}""")]
    [InlineData("Succeeded", """{"phase":"Succeeded"}""")]
    public void A_pod_that_is_being_deleted_is_terminating(string word, string status) =>
        Assert.StartsWith(word, Print(status, "[]", ""","deletionTimestamp":"2026-01-01T00:00:00Z" """), StringComparison.Ordinal);

    private static string Print(string status, string inits, string metadata)
    {
        var printed = PodStatus.Of(KubernetesJson.Deserialize<V1Pod>(
            $$"""{"metadata":{"name":"p"{{metadata}}},"spec":{"initContainers":{{inits}},"containers":[{"name":"a"},{"name":"b"}]},"status":{{status}}}"""));
        return $"{printed.Word} {printed.Ready}/{printed.Containers} {printed.Restarts}";
    }
}
