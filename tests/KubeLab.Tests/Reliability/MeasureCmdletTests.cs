using KubeLab.Cmdlets.Reliability;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

public sealed class MeasureCmdletTests : IDisposable
{
    private readonly ControlledServer _server = new(ControlledServer.Answer(200, "<h1>Main Page</h1>"));

    [Fact]
    public void Urls_are_measured()
    {
        var result = Measure("$url | Measure-KlAvailability -Rate 100 -Duration 0.3 -Expect 200, 'Main Page'").Good<KlAvailability>().Single();

        Assert.Equal((30, 0, 1.0), (result.Requests, result.Failed, result.Availability));
        Assert.Equal($"{_server.Url}", result.Name);
        Assert.Equal("200, Main Page", result.Environment["Expect"]);
        Assert.Equal("$url | Measure-KlAvailability -Rate 100 -Duration 0.3 -Expect 200, 'Main Page'", result.Environment["Command"]);
        // One more before the measurement.
        Assert.Equal(31, _server.Requests);
    }

    [Fact]
    public void Services_are_measured_together()
    {
        var services = new[] { Service("web", urls: [_server.Url]), Service("database", addresses: [_server.Url.Authority]) };
        var result = Measure("$services | Measure-KlAvailability -Rate 100 -Duration 0.2 -NewConnection -Path /index?x=1", ("services", services))
            .Good<KlAvailability>().Single();

        Assert.Equal(("web, database", "lab", 0), (result.Name, result.Cluster, result.Failed));
        Assert.Equal([$"{_server.Url}index?x=1", $"tcp://{_server.Url.Authority}"], result.Endpoints.Select(endpoint => endpoint.Name));
        Assert.Equal([10L, 10], result.Endpoints.Select(endpoint => endpoint.Requests));
        Assert.Equal((11, 22), (_server.Requests, _server.Connections));
    }

    [Fact]
    public void A_single_endpoint_of_several_can_be_measured()
    {
        var service = Service("web", urls: [_server.Url, new("http://127.0.0.1:1/")]);
        var result = Measure("$service | Measure-KlAvailability -Rate 100 -Duration 0.1 -SingleEndpoint", ("service", service))
            .Good<KlAvailability>().Single();

        Assert.Equal([$"{_server.Url}"], result.Endpoints.Select(endpoint => endpoint.Name));
    }

    [Fact]
    public void Requests_are_written_with_PassThru()
    {
        var output = Measure("$url | Measure-KlAvailability -Rate 100 -Duration 0.1 -PassThru").Good<object>();

        Assert.Equal(11, output.Count);
        Assert.All(output.Take(10), one => Assert.Equal((200, true), one is KlRequest request ? (request.Status, request.Succeeded) : default));
        Assert.IsType<KlAvailability>(output[10]);
    }

    [Fact]
    public async Task Cmdlets_run_beside_the_load()
    {
        await using var api = await FakeApi.StartAsync();
        api.On("GET /api/v1/nodes", FakeApi.Json("""{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"n1"}}]}"""));
        var gates = new Gates();
        _server.Does = (path, client) =>
        {
            if (_server.Requests > 30)
                gates.Open("load");
            return (gates.Of("down").IsCompleted && !gates.Of("up").IsCompleted ? ControlledServer.Answer(503) : ControlledServer.Answer(200))(path, client);
        };
        var result = Kubectl.Run(api, """
            $url | Measure-KlAvailability -Rate 100 -Duration 0.5 -WarmUp 0.1 -During {
                $node = Get-KlNode
                'wait' | Test-KlWork -Work $work
                'not a result'
            }
            "$node"
            """, variables: new Dictionary<string, object?>
        {
            ["url"] = _server.Url,
            ["work"] = (Work)(async (_, _, stop) =>
            {
                await gates.Of("load").WaitAsync(Gates.Timeout, stop);
                gates.Open("down");
                for (var seen = _server.Requests; _server.Requests < seen + 10;)
                    await Task.Delay(1, stop);
                gates.Open("up");
                return null;
            }),
        }).Good<object>();

        var measured = Assert.IsType<KlAvailability>(result[0]);
        Assert.Equal(("Status503", true), Assert.Single(measured.Outages) is var outage ? (outage.Reason, outage.Ended is not null) : default);
        Assert.Contains("Get-KlNode", measured.Environment["During"], StringComparison.Ordinal);
        // The variables of -During are those of the caller.
        Assert.Equal("n1", result[1]);
        Assert.Equal(2, result.Count);
    }

    [Theory]
    [InlineData("throw 'broken'", "broken")]
    [InlineData("Get-KlPod -Cluster missing-context", "missing-context")]
    public void An_error_beside_the_load_is_shown_and_the_load_is_summed_up(string during, string message)
    {
        var result = Measure($$"""$url | Measure-KlAvailability -Rate 100 -Duration 0.3 -WarmUp 0 -During { {{during}} }""");

        Assert.Contains(message, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.True(result.As<KlAvailability>().Single().Requests >= 30);
    }

    [Fact]
    public void The_result_is_written_before_an_error_beside_the_load_that_ends_the_script()
    {
        var result = Measure("""
            $ErrorActionPreference = 'Stop'
            $url | Measure-KlAvailability -Rate 100 -Duration 0.3 -WarmUp 0 -During { throw 'broken' }
            'next'
            """);

        Assert.True(Assert.IsType<KlAvailability>(Assert.Single(result.Output)).Requests >= 30);
        Assert.Equal("broken", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public void Requests_that_wait_for_the_pipeline_are_bounded()
    {
        var (queue, written) = (new Queue<Action>(), new List<int>());
        var output = new BoundedOutput<int>(2, queue.Enqueue, written.Add);
        foreach (var one in new[] { 1, 2, 3 })
            output.Add(one);
        queue.Dequeue()();
        output.Add(4);
        while (queue.TryDequeue(out var write))
            write();
        Assert.Equal([1, 2, 4], written);
        Assert.Equal(1, output.Dropped);
    }

    [Theory]
    [InlineData("-Expect 'Other Page'", "WrongContent")]
    [InlineData("-Expect 404", "Status200")]
    public void A_service_that_does_not_respond_as_expected_is_an_error_before_anything_is_broken(string parameters, string reason)
    {
        var result = Measure($$"""$url | Measure-KlAvailability {{parameters}} -During { $global:broken = $true }; $global:broken""");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("ProbeFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.Equal([null], result.Output);
    }

    [Theory]
    [InlineData("'ftp://10.0.0.1/' | Measure-KlAvailability", ErrorIds.EndpointInvalid)]
    [InlineData("'web' | Measure-KlAvailability", ErrorIds.EndpointInvalid)]
    [InlineData("$url | Measure-KlAvailability -Expect 1000", ErrorIds.ExpectationInvalid)]
    [InlineData("$url | Measure-KlAvailability -Expect ''", ErrorIds.ExpectationInvalid)]
    [InlineData("$url | Measure-KlAvailability -Rate 0", ErrorIds.LoadInvalid)]
    [InlineData("$url | Measure-KlAvailability -Duration 0", ErrorIds.LoadInvalid)]
    [InlineData("$url | Measure-KlAvailability -FailuresPerYear @{ Fire = 1 }", ErrorIds.LoadInvalid)]
    [InlineData("$url | Measure-KlAvailability -FailuresPerYear @{ NodeCrash = 'often' }", ErrorIds.LoadInvalid)]
    [InlineData("$none | Measure-KlAvailability", ErrorIds.EndpointNotFound)]
    public void Invalid_input_is_one_error(string script, string id)
    {
        var result = Measure(script, ("none", Service("web")));

        Assert.StartsWith(id + ",", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public void A_script_can_be_the_probe()
    {
        var result = Measure("""
            $limit = 3
            Measure-KlAvailability -Rate 50 -Duration 0.4 -MaxInFlight 4 -Timeout 60 -Probe { $using:limit -eq 3; { $using:limit }.Invoke()[0] -eq 3 }
            """).Good<KlAvailability>().Single();

        Assert.Equal(20, result.Requests);
        Assert.Equal(result.Requests - result.NotSent, result.Succeeded);
        Assert.True(result.Succeeded > 0);
        Assert.Equal("probe", result.Name);
    }

    [Theory]
    [InlineData("$false", "ReturnedFalse")]
    [InlineData("[IO.File]::ReadAllText('/missing')", "FileNotFound")]
    [InlineData("1 / 0", "DivideByZero")]
    [InlineData("throw 'broken'", "Runtime")]
    [InlineData("throw [Net.Sockets.SocketException]::new([Net.Sockets.SocketError]::ConnectionRefused)", "Refused")]
    public void A_probe_fails_with_an_error_or_false(string probe, string reason)
    {
        var result = Measure($$"""Measure-KlAvailability -Rate 20 -Duration 0.1 -MaxInFlight 1 -Timeout 60 -Probe { {{probe}} }""").Good<KlAvailability>()[0];

        Assert.Contains(reason, result.Reasons.Keys);
        Assert.Equal(0, result.Succeeded);
    }

    [Fact]
    public void Ctrl_C_ends_the_load_and_tells_what_was_measured()
    {
        var result = Shell.Run("$url | Measure-KlAvailability -Rate 100 -Duration 3600", variables: new Dictionary<string, object?> { ["url"] = _server.Url },
            meanwhile: shell => Shell.StopAtAsync(shell, "requests/s"));

        Assert.Empty(result.Output);
        Assert.Contains("Until then: 100.000% of", Assert.Single(result.Warnings), StringComparison.Ordinal);
        var sent = _server.Requests;
        Assert.InRange(sent, 1, 20_000);
        Assert.Equal(sent, _server.Requests);
    }

    [Fact]
    public void Ctrl_C_ends_the_script_beside_the_load()
    {
        var gates = new Gates();
        var isStopped = false;
        var variables = new Dictionary<string, object?>
        {
            ["url"] = _server.Url,
            ["work"] = (Work)(async (_, _, stop) =>
            {
                using var stopping = stop.Register(() => isStopped = true);
                gates.Open("work");
                await Task.Delay(Timeout.Infinite, stop);
                return null;
            }),
        };
        var result = Shell.Run("$url | Measure-KlAvailability -Rate 100 -WarmUp 0 -Duration 3600 -During { 'wait' | Test-KlWork -Work $work }",
            variables: variables, meanwhile: async shell =>
            {
                await gates.Of("work").WaitAsync(Gates.Timeout);
                shell.Stop();
            });

        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.True(isStopped);
    }

    [Fact]
    public void A_result_is_shown_as_a_list()
    {
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeZoneInfo.Local.GetUtcOffset(new DateTime(2026, 1, 2)));
        var fault = new KlFault
        {
            Id = "1", Kind = FaultKind.NodeCrash, Target = "n3", State = FaultState.Ended, Started = start.AddSeconds(2), Ends = start.AddSeconds(4),
            Ended = start.AddSeconds(4), Recovery = TimeSpan.Zero,
        };
        var options = new LoadOptions
        {
            Rate = 10, Duration = TimeSpan.FromSeconds(10), FailuresPerYear = new Dictionary<FaultKind, double> { [FaultKind.NodeCrash] = 12 },
        };
        var recorder = new LoadRecorder(new("web", [new($"{_server.Url}", _ => throw new NotSupportedException())]), options, start, () => [fault], null);
        for (long index = 0; index < 100; index++)
            recorder.Add(new(index, options.DueAt(index), 0, TimeSpan.FromMilliseconds(8), new(index is >= 20 and < 30 ? "TimedOut" : null)));
        var variables = new Dictionary<string, object?> { ["result"] = recorder.Result(options.Duration) };
        var shown = string.Concat(new[] { "", ".Outages", ".Phases", ".Prediction", ".Prediction.Faults" }
            .Select(property => Shell.Show("$result" + property, variables: variables)));

        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "tests", "KubeLab.Tests", "Reliability", "Shown.txt"))
            .Replace("URL", $"{_server.Url}", StringComparison.Ordinal), shown.Replace(" \n", "\n", StringComparison.Ordinal));
    }

    public void Dispose() => _server.Dispose();

    private ShellResult Measure(string script, params (string Name, object Value)[] variables) =>
        Shell.Run(script, variables: variables.Append(("url", _server.Url)).ToDictionary(one => one.Item1, one => (object?)one.Item2));

    private static KlService Service(string name, Uri[]? urls = null, string[]? addresses = null) => new()
    {
        Name = name, Namespace = "default", Cluster = "lab", Type = "NodePort", ExternalIP = [], Ports = [], Addresses = [.. addresses ?? []],
        Urls = [.. (urls ?? []).Select(url => url.AbsoluteUri)],
        Object = new(),
    };
}
