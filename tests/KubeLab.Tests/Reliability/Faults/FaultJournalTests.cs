using KubeLab.Engine.Reliability.Faults;

namespace KubeLab.Tests.Reliability.Faults;

public sealed class FaultJournalTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(9, "ended active")]
    [InlineData(10, "ended active")]
    // It was ended early.
    [InlineData(15, "active")]
    // It has ended by itself.
    [InlineData(21, "")]
    public void A_measurement_has_the_faults_that_were_in_force_after_its_start(int seconds, string faults)
    {
        var journal = new FaultJournal();
        journal.Set(Fault("active", FaultState.Active));
        journal.Set(Fault("ended", FaultState.Active));
        journal.Set(Fault("ended", FaultState.Ended) with { Ended = Start.AddSeconds(12) });

        Assert.Equal(faults, string.Join(' ', journal.Since(Start.AddSeconds(seconds)).Select(fault => fault.Id).Order(StringComparer.Ordinal).Reverse()));
        Assert.Equal(["active"], journal.Active.Select(fault => fault.Id));
    }

    private static KlFault Fault(string id, FaultState state) => new()
    {
        Id = id, Kind = FaultKind.NetworkPartition, Target = "default/db-0", Cluster = "one", State = state,
        Started = Start.AddSeconds(10), Ends = Start.AddSeconds(20),
    };
}
