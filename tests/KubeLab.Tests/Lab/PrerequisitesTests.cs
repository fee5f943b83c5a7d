namespace KubeLab.Tests.Lab;

public sealed class PrerequisitesTests
{
    [Fact]
    public void A_single_test_runs_its_prerequisites_once_and_in_order()
    {
        RunFor(nameof(Sample.Third));
        RunFor(nameof(Sample.WithParameter));
        RunFor(nameof(Sample.Second));

        Assert.Equal(["first", "second"], Sample.Log);
    }

    [Fact]
    public void The_exception_of_a_failed_prerequisite_is_thrown() =>
        Assert.Equal("failed", Assert.Throws<InvalidDataException>(() => RunFor(nameof(Sample.AfterFailure))).Message);

    private static void RunFor(string test) => Prerequisites.RunFor(typeof(Sample).GetMethod(test)!);

    [Requires(1, From = 2, To = 3), Requires(2, From = 3, To = 3), Requires(4, From = 5, To = 5)]
    private sealed class Sample
    {
        private readonly List<string> _log = Log;

        public static List<string> Log { get; } = [];

        [Order(1)]
        public void First() => _log.Add("first");

        [Order(2)]
        public async Task Second()
        {
            await Task.Yield();
            _log.Add("second");
        }

        [Order(2)]
        public void WithParameter(string argument) => _log.Add(argument);

        [Order(3)]
        public void Third() => _log.Add("third");

        [Order(4)]
        public void Failure() => throw new InvalidDataException(_log is null ? "" : "failed");

        [Order(5)]
        public void AfterFailure() => _log.Add("after failure");
    }
}
