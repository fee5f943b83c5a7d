using Xunit.Abstractions;
using Xunit.Sdk;

namespace KubeLab.Tests.Lab;

/// <summary>Where a fact stands in a story told in several facts.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChapterAttribute(int number) : Attribute
{
    /// <summary>Low ones run first.</summary>
    public int Number { get; } = number;
}

/// <summary>Runs a class's facts by <see cref="ChapterAttribute"/>: a cluster is built once, used, and taken away.</summary>
public sealed class Ordered : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases) where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.GetCustomAttributes(typeof(ChapterAttribute))
            .Select(chapter => chapter.GetNamedArgument<int>(nameof(ChapterAttribute.Number))).FirstOrDefault());
}
